"""What the command line asks of the service it serves: signed HTTP, like any client's."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any, Final
from urllib.parse import quote, urlencode

from perdure.endpoints import parse_endpoint
from perdure.http import HttpRequest, HttpResponse
from perdure.signing import Credentials, Signer

from .refused import Refused

_STAND_IN: Final = Credentials("local", "local")


class LocalClient:
    """Calls the embedded service over HTTP; each call opens a connection of its own.

    Args:
        url: of the service.
        region: to sign for.
    """

    def __init__(self, url: str, region: str) -> None:
        self._endpoint: Final = parse_endpoint(url)
        self._signer: Final = Signer(self._endpoint, region, "perdure-local")

    def start(self, function_name: str, payload: str) -> str:
        """Invoke a function as an event.

        Args:
            function_name: which.
            payload: its input, a JSON text.

        Returns:
            The ARN of the execution that began.

        Raises:
            Refused: the service did not take it; the message is the service's.
        """
        path = f"/2015-03-31/functions/{quote(function_name, safe='')}/invocations"
        headers = (("X-Amz-Invocation-Type", "Event"), ("Content-Type", "application/json"))
        answer = self.send(HttpRequest("POST", path, headers, payload.encode()))
        _demand_success(answer)
        return answer.headers["x-amz-durable-execution-arn"]

    def execution(self, arn: str) -> dict[str, Any]:
        """GetDurableExecution, as on the wire."""
        return self._get(f"/2025-12-01/durable-executions/{quote(arn, safe='')}")

    def history(self, arn: str) -> list[dict[str, Any]]:
        """All events of GetDurableExecutionHistory, as on the wire."""
        events: list[dict[str, Any]] = []
        query = {"MaxItems": "1000"}
        while True:
            path = f"/2025-12-01/durable-executions/{quote(arn, safe='')}/history"
            page = self._get(f"{path}?{urlencode(query)}")
            events += page["Events"]
            if not page.get("NextMarker"):
                return events
            query["Marker"] = page["NextMarker"]

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sign and send one request; returns the response, whatever its status.

        Raises:
            Refused: no response came.
        """
        signed = self._signer.sign(request, _STAND_IN, time.time())
        connection = http.client.HTTPConnection(self._endpoint.authority)
        try:
            connection.request(signed.method, signed.target, signed.body, dict(signed.headers))
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return HttpResponse(response.status, headers, response.read())
        except OSError as error:
            raise Refused(f"the embedded service cannot be reached: {error}") from None
        finally:
            connection.close()

    def _get(self, target: str) -> dict[str, Any]:
        answer = self.send(HttpRequest("GET", target))
        _demand_success(answer)
        decoded: dict[str, Any] = json.loads(answer.body)
        return decoded


def _demand_success(answer: HttpResponse) -> None:
    if answer.status < 300:
        return
    code = answer.headers.get("x-amzn-errortype", str(answer.status))
    said: dict[str, Any] = json.loads(answer.body or b"{}")
    raise Refused(f"{code}: {said.get('message') or said.get('Message') or 'no reason given'}")
