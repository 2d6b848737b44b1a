"""Where the service is."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from perdure.endpoints import Endpoint, parse_endpoint, regional_endpoint
from perdure.errors import ValidationError


@pytest.mark.parametrize(
    ("url", "endpoint", "authority", "again"),
    [
        ("https://h.test", Endpoint("https", "h.test", 443), "h.test", "https://h.test"),
        ("https://h.test/", Endpoint("https", "h.test", 443), "h.test", "https://h.test"),
        ("HTTPS://H.test", Endpoint("https", "h.test", 443), "h.test", "https://h.test"),
        ("http://h.test", Endpoint("http", "h.test", 80), "h.test", "http://h.test"),
        ("http://h.test:80", Endpoint("http", "h.test", 80), "h.test", "http://h.test"),
        ("http://h.test:443", Endpoint("http", "h.test", 443), "h.test:443", "http://h.test:443"),
        ("https://h.test:80", Endpoint("https", "h.test", 80), "h.test:80", "https://h.test:80"),
        (
            "http://127.0.0.1:3001/a/b/",
            Endpoint("http", "127.0.0.1", 3001, "/a/b"),
            "127.0.0.1:3001",
            "http://127.0.0.1:3001/a/b",
        ),
        ("http://[::1]:3001", Endpoint("http", "::1", 3001), "[::1]:3001", "http://[::1]:3001"),
        ("http://[::1]", Endpoint("http", "::1", 80), "[::1]", "http://[::1]"),
    ],
)
def test_an_endpoint_url(url: str, endpoint: Endpoint, authority: str, again: str) -> None:
    parsed = parse_endpoint(url)
    assert parsed == endpoint
    assert (parsed.authority, parsed.url) == (authority, again)
    assert parsed.is_tls is url.lower().startswith("https")
    assert parse_endpoint(parsed.url) == parsed


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lambda.us-east-1.amazonaws.com",
        "localhost:3001",
        "//h.test",
        "ftp://h.test",
        "unix:///run/x",
        "https://",
        "https://:443",
        "https://h.test:port",
        "https://h.test:70000",
        "https://[::1",
        "https://a..b",
        f"https://{'x' * 64}.test",
        "https://h.test?x=1",
        "https://h.test#here",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as raised:
        parse_endpoint(url)
    assert repr(url) in str(raised.value)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "lambda.us-east-1.amazonaws.com"),
        ("us-gov-west-1", "lambda.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "lambda.cn-north-1.amazonaws.com.cn"),
        ("us-iso-east-1", "lambda.us-iso-east-1.c2s.ic.gov"),
        ("us-isob-east-1", "lambda.us-isob-east-1.sc2s.sgov.gov"),
        ("us-isof-south-1", "lambda.us-isof-south-1.csp.hci.ic.gov"),
        ("eu-isoe-west-1", "lambda.eu-isoe-west-1.cloud.adc-e.uk"),
        ("eusc-de-east-1", "lambda.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_the_endpoint_of_a_region(region: str, host: str) -> None:
    assert regional_endpoint(region) == Endpoint("https", host, 443)


def test_regions_are_where_botocore_says() -> None:
    data: Any = import_module("botocore.session").get_session().get_data("endpoints")
    resolver: Any = import_module("botocore.regions").EndpointResolver(data)
    for partition in resolver.get_available_partitions():
        for region in resolver.get_available_endpoints("lambda", partition):
            known = resolver.construct_endpoint("lambda", region, partition)
            assert regional_endpoint(region).host == known["hostname"], region
