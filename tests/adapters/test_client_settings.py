"""Where the service is, by the environment and by the user's AWS files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from perdure.errors import ValidationError
from perdure_aws import is_lambda, settings_from_environment

NO_FILES = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
LAMBDA = "AWS_ENDPOINT_URL_LAMBDA"
ANY = "AWS_ENDPOINT_URL"
REGION = "AWS_REGION"


@pytest.mark.parametrize(
    ("environ", "url", "region"),
    [
        ({REGION: "us-east-1"}, "https://lambda.us-east-1.amazonaws.com", "us-east-1"),
        (
            {"AWS_DEFAULT_REGION": "eu-west-3"},
            "https://lambda.eu-west-3.amazonaws.com",
            "eu-west-3",
        ),
        (
            {REGION: "sa-east-1", "AWS_DEFAULT_REGION": "eu-west-3"},
            "https://lambda.sa-east-1.amazonaws.com",
            "sa-east-1",
        ),
        ({REGION: "cn-north-1"}, "https://lambda.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ({REGION: "us-gov-west-1"}, "https://lambda.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ({REGION: "r", ANY: "http://localhost:9000"}, "http://localhost:9000", "r"),
        ({REGION: "r", ANY: "http://a:1", LAMBDA: "http://b:2"}, "http://b:2", "r"),
        ({REGION: "r", LAMBDA: "https://h/base/"}, "https://h/base", "r"),
        ({REGION: "r", LAMBDA: "http://[::1]:3000"}, "http://[::1]:3000", "r"),
        ({REGION: "r", LAMBDA: ""}, "https://lambda.r.amazonaws.com", "r"),
        (
            {REGION: "r", ANY: "http://a:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
            "https://lambda.r.amazonaws.com",
            "r",
        ),
    ],
)
def test_the_environment_alone(environ: dict[str, str], url: str, region: str) -> None:
    settings = settings_from_environment({**NO_FILES, **environ})
    assert (settings.endpoint.url, settings.region) == (url, region)
    assert (settings.connect_seconds, settings.read_seconds) == (5, 50)


@pytest.mark.parametrize("url", ["localhost:9000", "ftp://host", "http://", "http://h:port", "//h"])
def test_an_endpoint_that_is_no_url(url: str) -> None:
    with pytest.raises(ValidationError, match="endpoint"):
        settings_from_environment({**NO_FILES, REGION: "us-east-1", LAMBDA: url})


def test_no_region() -> None:
    with pytest.raises(ValidationError, match="set AWS_REGION or AWS_DEFAULT_REGION"):
        settings_from_environment(NO_FILES)


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, "https://lambda-fips.us-east-1.amazonaws.com"),
        ({"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "https://lambda.us-east-1.api.aws"),
        ({"AWS_USE_FIPS_ENDPOINT": "false"}, "https://lambda.us-east-1.amazonaws.com"),
    ],
)
def test_fips_and_dual_stack(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], url: str
) -> None:
    for name, value in {REGION: "us-east-1", **environ}.items():
        monkeypatch.setenv(name, value)
    assert settings_from_environment().endpoint.url == url


CONFIG = """
[default]
region = ap-south-1

[profile here]
region = eu-north-1
services = local

[profile elsewhere]
region = eu-north-1
endpoint_url = http://127.0.0.1:7777

[services local]
lambda =
  endpoint_url = http://127.0.0.1:8888
"""


@pytest.mark.parametrize(
    ("environ", "url", "region"),
    [
        ({}, "https://lambda.ap-south-1.amazonaws.com", "ap-south-1"),
        ({"AWS_PROFILE": "here"}, "http://127.0.0.1:8888", "eu-north-1"),
        ({"AWS_PROFILE": "elsewhere"}, "http://127.0.0.1:7777", "eu-north-1"),
        ({"AWS_PROFILE": "here", REGION: "us-west-2"}, "http://127.0.0.1:8888", "us-west-2"),
        ({"AWS_PROFILE": "here", LAMBDA: "http://127.0.0.1:1"}, "http://127.0.0.1:1", "eu-north-1"),
    ],
)
def test_the_config_file(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    environ: dict[str, str],
    url: str,
    region: str,
) -> None:
    config = tmp_path / "config"
    config.write_text(CONFIG)
    for name, value in {"AWS_CONFIG_FILE": str(config), **environ}.items():
        monkeypatch.setenv(name, value)
    settings = settings_from_environment()
    assert (settings.endpoint.url, settings.region) == (url, region)


def test_a_profile_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nowhere")
    with pytest.raises(ValidationError, match="nowhere"):
        settings_from_environment()


@pytest.mark.parametrize(
    ("environ", "answer"), [({}, False), ({"AWS_LAMBDA_FUNCTION_NAME": "f"}, True)]
)
def test_whether_this_is_lambda(environ: dict[str, str], answer: bool) -> None:
    assert is_lambda(environ) is answer
