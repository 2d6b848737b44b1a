"""What can be done in the browser: answer a callback, stop an execution, find, page, log in."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.support.select import Select

from page.browser import Page
from page.dev import Serve, Service
from page.functions import HOSTILE

pytestmark = [pytest.mark.heavy, pytest.mark.browser]

TOKEN = "a-token-of-some-length"
CALLBACK = "manager create callback id"


def _ask(page: Page, service: Service, name: str) -> None:
    page.open_execution(service.start("approval", {}, name))
    page.click(CALLBACK, ".asks a")
    page.see(".details .badge", "Waiting for an answer")


def test_a_callback_is_completed_with_a_button(page: Page, service: Service) -> None:
    _ask(page, service, "yes")
    page.click("Heartbeat")
    page.see(".said", "Heartbeat sent.")
    page.fill("Result", '{"approved": true}')
    page.see(".hint", "JSON")
    page.shoot("callback-open")
    page.dress("dark")
    page.shoot("callback-open-dark")
    page.click("Complete", ".answer button")
    page.badge("Succeeded")
    page.see(".details .badge", "Succeeded")
    page.see(".details .payload", '"approved": true')
    assert "approved" in page.see(".payloads", "Result").text
    page.shoot("callback-completed")


def test_a_callback_is_failed_with_a_button(page: Page, service: Service) -> None:
    _ask(page, service, "no")
    page.click("Fail", ".segments label")
    page.fill("Message", f"not this year {HOSTILE}")
    page.fill("Type", "TooExpensive")
    page.shoot("callback-fail-form")
    page.click("Fail", ".answer button")
    page.badge("Failed")
    page.see(".details .error-box", f"TooExpensive: not this year {HOSTILE}")


def test_an_answer_that_is_refused_says_why(page: Page, service: Service) -> None:
    _ask(page, service, "large")
    result = page.see("textarea")
    page.run("arguments[0].value = '1'.repeat(1048577)", result)
    page.click("Complete", ".answer button")
    page.see(".said.fault", "length less than or equal to 1048576")
    assert ["400" in each for each in page.complaints()] == [True]


def test_an_execution_is_stopped_with_a_button(page: Page, service: Service) -> None:
    page.open_execution(service.start("sleeper", {}, "tired"))
    page.row("sleep")
    page.click("Stop…")
    page.fill("Error message", "enough slept")
    page.shoot("stop-form")
    page.click("Stop it")
    page.badge("Stopped")
    page.see(".error-box", "enough slept")
    assert "Left open" in str(page.row("sleep").get_attribute("aria-label"))
    assert page.count("dialog") == 0
    page.shoot("stopped")


def test_the_start_form_says_what_is_wrong(page: Page) -> None:
    page.open()
    page.click("Start an execution")
    page.fill("Input", "{")
    page.click("Start", "dialog .main")
    page.see("dialog .fault", "The input is not JSON")
    page.click("Cancel")
    assert page.names() == []


def test_executions_are_found_and_paged(page: Page, service: Service) -> None:
    for number in range(60):
        service.start("child", {"mugs": 1}, f"child-{number}")
    service.start("fails", {}, "odd-one")
    page.open()
    page.see("#executions tr", "odd-one")
    assert len(page.names()) == 50
    page.click("Older")
    page.see(".pages", "Page 2")
    page.until(lambda: page.names()[-1] == "child-0", "the first at the end")
    page.shoot("list-page-two")
    page.click("Newer")
    page.until(lambda: page.names()[0] == "odd-one", "the last at the top")
    Select(page.see("select[aria-label=Status]")).select_by_visible_text("Failed")
    page.until(lambda: page.names() == ["odd-one"], "the one that failed")
    Select(page.see("select[aria-label=Status]")).select_by_visible_text("Any status")
    page.see("input[type=search]").send_keys("child-5")
    wanted = [f"child-{number}" for number in (*range(59, 49, -1), 5)]
    page.until(lambda: page.names() == wanted, "those of that name")
    page.run("location.reload()")
    page.until(lambda: page.names() == wanted, "the same after a reload")
    Select(page.see("select[aria-label=Function]")).select_by_visible_text("fails")
    page.see(".empty", "No execution matches")
    page.shoot("list-no-match")
    page.click("Clear the filters")
    page.until(lambda: len(page.names()) == 50, "all of them")


@pytest.mark.parametrize(
    "address",
    [
        "execution/arn%3Aaws%3Alambda%3Aus-west-2%3A123456789012%3Afunction%3Af%3A%24LATEST"
        "%2Fdurable-execution%2Fn%2Fu",
        "execution/%3Cimg%20src%3Dx%20onerror%3D%22document.title%3D'owned'%22%3E",
    ],
)
def test_an_address_that_leads_nowhere_says_so(page: Page, address: str) -> None:
    page.open(address, ".empty")
    assert page.see(".empty h1").text in ("There is no such execution", "The service refused")
    assert page.run("return document.title") != "owned"
    assert len(page.complaints()) == 1  # the browser's own line on the status
    page.click("All executions", ".empty a")
    page.see(".empty", "No executions yet")


def test_a_service_that_goes_away_and_comes_back(
    driver: Chrome, serve: Serve, tmp_path: Path
) -> None:
    store = ("--store", str(tmp_path / "kept.db"))
    service = serve(*store)
    page = Page(driver, service.url)
    arn = service.start("approval", {}, "kept")
    page.open()
    page.see("#executions tr", "kept")
    service.end()
    page.see("#trouble", "The service does not answer")
    page.see("#live", "Offline")
    page.shoot("service-gone")
    again = serve(*store, "--port", service.url.rpartition(":")[2])
    page.see("#live", "Live")
    again.start("child", {"mugs": 1}, "new")
    page.until(lambda: page.names() == ["new", "kept"], "both")
    page.open_execution(arn)
    page.click(CALLBACK, ".asks a")
    page.click("Complete", ".answer button")
    page.badge("Succeeded")
    assert all("ERR_" in each for each in page.complaints())
    page.leave()


def test_a_service_with_a_token_asks_for_it(driver: Chrome, serve: Serve) -> None:
    service = serve("--host", "0.0.0.0", "--expose", "--token", TOKEN)
    page = Page(driver, service.url)
    page.open(sure="dialog")
    page.fill("Token", TOKEN)
    page.shoot("token")
    page.click("Continue")
    page.see(".empty", "No executions yet")
    assert ["403" in each for each in page.complaints()] == [True]
    page.leave()


def test_a_service_that_wants_signatures_says_so(driver: Chrome, serve: Serve) -> None:
    service = serve("--verify-signatures", AWS_ACCESS_KEY_ID="key", AWS_SECRET_ACCESS_KEY="secret")
    page = Page(driver, service.url)
    page.open(sure=".empty")
    page.see(".empty h1", "This service wants signed requests")
    page.leave()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 768])
def test_it_fits_narrow_windows(page: Page, service: Service, width: int, scheme: str) -> None:
    page.resize(width, 860)
    page.dress(scheme)
    service.start(
        "child", {"mugs": 1}, "a-rather-long-name-of-an-execution-with-64-characters-0123456789"
    )
    arn = service.start("approval", {"name": "the manager of the department of names"}, "narrow")
    page.open(sure="#executions tr")
    assert page.overflow() == 0
    page.shoot(f"list-{width}-{scheme}")
    page.click("Start an execution")
    assert page.overflow() == 0
    page.click("Cancel")
    page.open_execution(arn)
    callback = page.row("the manager of the department of names create callback id")
    assert page.overflow() == 0
    page.shoot(f"execution-{width}-{scheme}")
    callback.click()
    page.see(".details .answer")
    assert page.overflow() == 0
    page.shoot(f"details-{width}-{scheme}")
