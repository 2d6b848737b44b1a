"""A service and a browser that looks at its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from selenium.webdriver import Chrome

from page.browser import Page, chromium
from page.dev import Serve, Service, dev


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts ``perdure dev``, with more arguments and variables; it ends with the test."""
    with ExitStack() as running:
        yield lambda *arguments, **env: running.enter_context(dev(*arguments, **env))


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def service(driver: Chrome, serve: Serve) -> Service:
    """Only where there is a browser."""
    return serve()


@pytest.fixture
def page(driver: Chrome, service: Service) -> Iterator[Page]:
    """The page of the service; in the end nobody must have complained or asked elsewhere."""
    page = Page(driver, service.url)
    yield page
    complaints, hosts = page.complaints(), page.hosts()
    page.leave()
    assert complaints == []
    assert hosts == {service.url.removeprefix("http://")}
