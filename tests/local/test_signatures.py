"""A service that checks signatures: boto3 with good and bad keys, and `perdure dev`."""

from __future__ import annotations

import importlib
import json
import signal
import subprocess
from collections.abc import Iterator
from typing import Any, Final

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.running import EXAMPLES, command, environment, listen_to_interrupts, perdure
from local.serving import Peer, serving
from perdure.service.signatures import SignatureCheck
from perdure.signing import Credentials

# There are no types for it here, and none are needed: it is the judge, not the judged.
boto3: Any = importlib.import_module("boto3")
ID: Final = "AKIDEXAMPLE"
SECRET: Final = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def succeed(event: object, context: object) -> object:
    return {"Status": "SUCCEEDED", "Result": "7"}


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    check = SignatureCheck(Credentials(ID, SECRET), "us-east-1")
    with serving({"works": succeed}, signatures=check) as served:
        yield served


def client(peer: Peer, key: str = ID, secret: str = SECRET, region: str = "us-east-1") -> Any:
    return boto3.client(
        "lambda",
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{peer.port}",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_boto3_with_the_right_keys_is_served(peer: Peer) -> None:
    served = client(peer)
    answer = served.invoke(FunctionName="works", Payload=b'{"text": "\xc3\xa9 & 1"}')
    assert answer["Payload"].read() == b"7"
    arn = answer["DurableExecutionArn"]
    history = served.get_durable_execution_history(DurableExecutionArn=arn, ReverseOrder=True)
    assert history["Events"][0]["EventType"] == "ExecutionSucceeded"
    listed = served.list_durable_executions_by_function(
        FunctionName="works", Statuses=["SUCCEEDED", "FAILED"]
    )
    assert [each["DurableExecutionArn"] for each in listed["DurableExecutions"]] == [arn]
    assert served.stop_durable_execution(DurableExecutionArn=arn, Error={"ErrorType": "x"})


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"secret": "wrong"}, "InvalidSignatureException"),
        ({"key": "AKIDOTHER"}, "UnrecognizedClientException"),
        ({"region": "eu-west-1"}, "InvalidSignatureException"),
    ],
)
def test_boto3_with_other_keys_is_refused(peer: Peer, options: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        client(peer, **options).invoke(FunctionName="works")
    response: Any = caught.value.response
    assert response["Error"]["Code"] == code
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert response["Error"]["Message"]


def test_what_is_not_signed_is_refused(peer: Peer) -> None:
    answer = peer.send("GET", "/2015-03-31/functions/")
    assert answer.status == 403
    assert answer.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
    assert answer.json() == {"message": "Missing Authentication Token"}


@pytest.mark.parametrize("region", [{}, {"AWS_REGION": "eu-west-1"}], ids=["default", "chosen"])
def test_perdure_dev_checks_what_its_functions_and_commands_sign(region: dict[str, str]) -> None:
    keys = {"AWS_ACCESS_KEY_ID": ID, "AWS_SECRET_ACCESS_KEY": SECRET, **region}
    target = f"{EXAMPLES / 'order.py'}:handler_sync"
    dev = subprocess.Popen(
        command("dev", target, "--port", "0", "--json", "--verify-signatures"),
        env=environment(**keys),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=listen_to_interrupts,
    )
    try:
        assert dev.stdout is not None
        url = json.loads(dev.stdout.readline())["serving"]
        start = ["start", "handler_sync", "--endpoint", url]
        done = perdure(*start, env=keys)
        assert (done.returncode, done.stderr) == (0, "")
        for line in dev.stdout:
            kind = json.loads(line).get("event", {}).get("EventType", "")
            if kind.startswith("Execution") and kind != "ExecutionStarted":
                assert kind == "ExecutionSucceeded"
                break
        wrong = perdure(*start, env={**keys, "AWS_SECRET_ACCESS_KEY": "wrong"})
        assert wrong.returncode == 2
        assert wrong.stderr.startswith("perdure: InvalidSignatureException: The request signature")
        unknown = perdure(*start)
        assert unknown.stderr == (
            "perdure: UnrecognizedClientException: The security token included in the request is "
            "invalid.\n"
        )
    finally:
        dev.send_signal(signal.SIGINT)
        dev.communicate(timeout=30)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--verify-signatures needs the keys that requests must be signed with"),
        (["--token", "x" * 20], "--token and --verify-signatures exclude each other"),
    ],
)
def test_without_keys_nothing_can_be_checked(options: list[str], said: str) -> None:
    done = perdure("dev", EXAMPLES / "order.py", "--port", "0", "--verify-signatures", *options)
    assert done.returncode == 2
    assert done.stderr.startswith(f"perdure: {said}")
    assert done.stderr.count("\n") == 1
