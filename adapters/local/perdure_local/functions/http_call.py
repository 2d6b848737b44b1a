"""One HTTP request on a connection of its own, blocking."""

from __future__ import annotations

import http.client
import time

from perdure.endpoints import Endpoint
from perdure.http import HttpRequest, HttpResponse

_CHUNK: int = 256 * 1024


def call(
    endpoint: Endpoint,
    request: HttpRequest,
    *,
    connect_seconds: float,
    read_seconds: float,
    max_bytes: int,
) -> HttpResponse:
    """Send a request and read the whole answer, whatever its status.

    Args:
        endpoint: whom to ask; its path goes before the target.
        request: signed, if it is to be.
        connect_seconds: how long connecting may take.
        read_seconds: how long the answer may take in all.
        max_bytes: how large its body may be.

    Raises:
        TimeoutError: connected, but the answer did not come in time.
        OSError: there is no getting through, or too much came.
        HTTPException: what came is not HTTP, or was cut off.
    """
    kind = http.client.HTTPSConnection if endpoint.is_tls else http.client.HTTPConnection
    connection = kind(endpoint.host, endpoint.port, timeout=connect_seconds)
    try:
        try:
            connection.connect()
        except TimeoutError:
            raise ConnectionError("connecting took too long") from None
        deadline = time.monotonic() + read_seconds
        connection.sock.settimeout(read_seconds)
        target = endpoint.path + request.target
        connection.request(request.method, target, request.body, dict(request.headers))
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return HttpResponse(response.status, headers, _body(response, deadline, max_bytes))
    finally:
        connection.close()


def _body(response: http.client.HTTPResponse, deadline: float, max_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise ConnectionError(f"the answer is larger than {max_bytes} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)
    return b"".join(chunks)
