"""Executions in the browser: started, seen as they happen, looked into."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from page.browser import Page
from page.dev import Service
from page.functions import HOSTILE

pytestmark = [pytest.mark.heavy, pytest.mark.browser]


def test_an_execution_is_started_and_watched_to_its_end(page: Page) -> None:
    page.open()
    page.see(".empty", "No executions yet")
    page.shoot("list-empty")
    page.click("Start an execution")
    page.shoot("start-form")
    Select(page.see("dialog select")).select_by_visible_text("order")
    page.fill("Name", "first")
    page.fill("Input", '{"seconds": 2}')
    page.click("Start", "dialog .main")
    page.badge("Running")
    page.row("cool-off")
    page.shoot("execution-running")
    page.badge("Succeeded")
    # Everything that happened is there, without a reload.
    for name in ("reserve", "cool-off", "charge", "price", "ship"):
        widths = page.widths(name)
        assert widths, name
        assert min(widths) >= 3
    assert [len(page.widths("charge", f".bar.{kind}")) for kind in ("bad", "pause", "good")] == [
        1,
        1,
        1,
    ]
    assert "2 attempts" in page.row("charge").text
    assert len(page.all(".lane .invocation")) == 4
    assert '"receipt": "r-17"' in page.see(".payloads").text
    page.shoot("execution-succeeded")
    page.dress("dark")
    page.shoot("execution-succeeded-dark")
    page.click("Executions", "#place a")
    assert page.see("#executions tr", "first").text.startswith("Succeeded")


def test_the_list_follows_what_happens(page: Page, service: Service) -> None:
    page.open(sure=".empty")
    service.start("order", {"seconds": 1}, "one")
    page.see("#executions tr", "one")
    service.start("sleeper", {}, "two")
    page.see("#executions tr", "two")
    page.until(lambda: "Succeeded" in page.see("#executions tr", "one").text, "its end")
    assert "Running" in page.see("#executions tr", "two").text
    page.shoot("list")
    page.dress("dark")
    page.shoot("list-dark")


def test_a_failure_shows_its_attempts_and_errors(page: Page, service: Service) -> None:
    page.open_execution(service.start("fails", {}, "unlucky"))
    page.badge("Failed")
    page.row("charge").click()
    details = page.see(".details")
    page.see(".details .error-box", "BankBusy: the bank is busy, try again")
    rows = [row.text for row in page.all(".details .attempts tbody tr")]
    assert [row.split()[:2] for row in rows] == [["1", "Failed"], ["2", "Failed"], ["3", "Failed"]]
    page.click("StepFailed", ".details summary")
    page.see(".details .payload", '"CurrentAttempt": 1')
    assert "NextAttemptDelaySeconds" in details.text
    page.shoot("failed-with-retries")


def test_operations_are_a_tree_that_the_keyboard_walks(page: Page, service: Service) -> None:
    page.open_execution(service.start("approval", {}, "keys"))
    callback = "manager create callback id"
    levels = [
        page.row(name).get_attribute("aria-level")
        for name in ("draft", "review", "manager", callback)
    ]
    assert levels == ["1", "1", "2", "3"]
    page.press(Keys.TAB)
    page.see(".skip", "Skip to the content")
    page.press(Keys.ENTER)
    assert page.run("return document.activeElement.id") == "main"
    page.see("[role=tree]").send_keys(Keys.HOME, Keys.ARROW_DOWN)
    focused = page.see("[role=tree]").get_attribute("aria-activedescendant")
    assert page.row("review").get_attribute("id") == focused
    page.press(Keys.ARROW_LEFT)
    page.until(lambda: page.row("review").get_attribute("aria-expanded") == "false", "it closed")
    assert page.count(f'[aria-label^="{callback}"]') == 0
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ENTER)
    page.see(".details h2", callback)
    page.see(".details .icon").send_keys(Keys.ESCAPE)
    page.until(
        lambda: not page.see("body").find_element("css selector", ".details").is_displayed(),
        "no details",
    )


def test_a_chained_execution_is_a_link_away(page: Page, service: Service) -> None:
    page.open_execution(service.start("order", {"seconds": 1}, "parent"))
    page.badge("Succeeded")
    page.row("price").click()
    page.see(".details .payload", '"mugs": 3')
    page.see(".details .facts a").click()
    page.see(".strip", "child")
    page.row("look up")


def test_polls_are_seen_until_the_condition_is_met(page: Page, service: Service) -> None:
    page.open_execution(service.start("condition", {}, "polling"))
    page.row("cluster ready").click()
    page.badge("Succeeded")
    assert len(page.widths("cluster ready", ".bar.step.live")) == 2
    assert len(page.widths("cluster ready", ".bar.step.good")) == 1
    page.until(lambda: len(page.all(".details .attempts tbody tr")) == 3, "three polls")
    rows = [row.text for row in page.all(".details .attempts tbody tr")]
    assert ["Not yet" in row for row in rows] == [True, True, False]
    assert "3 polls" in page.row("cluster ready").text
    page.shoot("polls")


def test_an_invocation_that_crashed_shows_its_error(page: Page, service: Service) -> None:
    page.open_execution(service.start("crashes", {}, "crashed"), ".execution-head")
    page.badge("Succeeded")
    page.click("Invocations", ".head button")
    page.see(".invocations .error-box", "the connection is lost")
    badges = [line.text.split()[0] for line in page.all(".invocation-line")]
    assert badges == ["Failed", "Returned"]
    assert page.count(".lane .invocation.bad") == 1
    page.shoot("invocations")


def test_a_map_of_fifty(page: Page, service: Service) -> None:
    page.open_execution(service.start("atlas", {}, "map"))
    page.badge("Succeeded")
    page.row("tiles").click()
    page.see(".strip", "96 succeeded, 6 failed")
    # The default encoding tags every value with its type; people read the values.
    page.see(".details .payload", '"index": 0,')
    page.click("As recorded")
    page.see(".details .payload", '"t": "br"')
    page.click("Without type tags")
    page.shoot("map-of-fifty")
    Select(page.see(".tools select")).select_by_visible_text("Failed")
    page.row("map-item-5")
    assert page.count(".timeline [data-id]") == 7
    Select(page.see(".tools select")).select_by_visible_text("All")
    page.see(".tools input[type=search]").send_keys("map-item-4")
    page.until(lambda: page.count(".timeline [data-id]") == 12, "eleven items and their map")


def test_ten_thousand_operations_stay_usable(page: Page, service: Service) -> None:
    arn = service.start("many", {"items": 5000}, "many")
    page.open_execution(arn)
    page.badge("Succeeded")
    page.see(".strip", "10,001 succeeded")
    page.shoot("ten-thousand")
    page.row("thousands").find_element("css selector", ".twist").click()
    page.row("map-item-0")
    page.click("Open all")
    page.row("step 0")
    page.see("[role=tree]").send_keys(Keys.END)
    last = page.row("step 4999")
    page.shoot("ten-thousand-end")
    # A row less than a window's height above the edge, and only what is near is there at all.
    assert 0 < page.run("return arguments[0].getBoundingClientRect().bottom", last) <= 860
    assert page.count(".timeline [data-id]") < 100
    page.see(".tools input[type=search]").send_keys("step 4321")
    page.row("step 4321")
    assert page.count(".timeline [data-id]") == 3


def test_idle_time_is_shortened_and_a_span_is_looked_at_closely(
    page: Page, service: Service
) -> None:
    page.open_execution(service.start("sleeper", {"seconds": 5}, "idle"))
    page.badge("Succeeded")
    [wide] = page.widths("fall asleep")
    assert page.count(".axis .gap") == 1
    page.shoot("idle-time-shortened")
    page.click("Shorten idle time", "label")
    assert page.count(".axis .gap") == 0
    [narrow] = page.widths("fall asleep")
    assert narrow < wide / 2
    page.see("button[aria-label='Zoom in']").click()
    page.see("button[aria-label='Look earlier']").click()
    [near] = page.widths("fall asleep")
    assert near > 1.5 * narrow
    page.click("Fit")
    assert page.widths("fall asleep") == [narrow]
    page.row("fall asleep").click()
    page.see(".details button[aria-label='Zoom to it']").click()
    page.until(lambda: page.widths("fall asleep")[0] > 10 * narrow, "the step over all the width")


def test_hostile_names_and_payloads_stay_text(page: Page, service: Service) -> None:
    script = "<script>document.title='owned'</script>"
    page.open_execution(service.start("hostile", {"text": HOSTILE, script: script}, "hostile"))
    page.badge("Failed")
    page.see(".timeline .label", HOSTILE)
    page.see(".error-box", HOSTILE)
    page.see(".payloads .payload", script)
    page.see(".timeline [data-id]").click()
    page.see(".details h2", HOSTILE)
    page.see(".details .payload", HOSTILE.replace('"', '\\"'))
    page.shoot("hostile")
    assert page.run("return document.title") == "hostile · perdure"
    assert page.count("img") == 1  # the page's own
    assert page.count("#main script") == 0
