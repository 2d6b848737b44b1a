"""A real browser on the page, and what a person does in it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

SCREENSHOTS = Path(__file__).parents[2] / ".artifacts" / "screenshots"
PATIENCE_SECONDS = 30

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # Whatever the page might ask of another host would fail, and be seen.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_VISIBLE = "return arguments[0].checkVisibility()"


@contextmanager
def chromium(profile: Path) -> Generator[Chrome]:
    """Debian's chromium, headless. Without it the test is skipped, or fails where it must be."""
    found = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if None in found:
        reason = "the page is tested in a real browser: apt install chromium chromium-driver"
        if os.environ.get("PERDURE_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    options = ChromeOptions()
    options.binary_location = found[0] or ""
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options, ChromeService(found[1]))
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """The page of one service, in a browser.

    Args:
        driver: the browser.
        url: of the service.
    """

    def __init__(self, driver: Chrome, url: str) -> None:
        self.driver = driver
        self.url = url
        self.resize(1280, 860)
        self.dress("light")
        self.leave()

    # Around it

    def leave(self) -> None:
        """Go away, and forget what went on."""
        self.driver.get("about:blank")
        self.complaints()
        self.hosts()

    def open(self, address: str = "", sure: str = "#main *") -> None:
        """Load the page at an address behind the #; something (`sure`) must be seen then."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.url}/#/{address}")
        self.see(sure)

    def open_execution(self, arn: str, sure: str = ".timeline [data-id]") -> None:
        self.open(f"execution/{quote(arn, safe='')}", sure)

    def resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._devtools("Emulation.setDeviceMetricsOverride", size)

    def dress(self, scheme: str) -> None:
        """``light`` or ``dark``."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self._devtools("Emulation.setEmulatedMedia", {"features": [feature]})

    def shoot(self, name: str) -> None:
        """Keep a picture of what is seen now."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        (SCREENSHOTS / f"{name}.png").write_bytes(self.driver.get_screenshot_as_png())

    def run(self, script: str, *arguments: object) -> Any:
        """Run JavaScript in the page, as the developer's tools do."""
        return self.driver.execute_script(script, *arguments)  # pyright: ignore[reportUnknownMemberType]  # selenium

    # What is seen

    def see(self, css: str, text: str = "") -> WebElement:
        """Wait for a visible element of which the text contains a text."""

        def find() -> WebElement | None:
            for element in self.all(css):
                if text in element.text and self.run(_VISIBLE, element):
                    return element
            return None

        found: WebElement = self.until(find, f"{css!r} with {text!r}")
        return found

    def until(self, find: Callable[[], WebElement | bool | None], what: str) -> Any:
        """Wait until something is so. What is replaced while it is looked at is looked at again."""
        waiting = WebDriverWait(
            self.driver,
            PATIENCE_SECONDS,
            poll_frequency=0.05,
            ignored_exceptions=[StaleElementReferenceException],
        )
        return waiting.until(lambda _: find(), f"did not see {what}")

    def all(self, css: str) -> Sequence[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def widths(self, name: str, css: str = ".bar") -> list[float]:
        """Of the bars of an operation, in pixels."""
        script = """return [...arguments[0].querySelectorAll(arguments[1])]
            .map(bar => bar.getBoundingClientRect().width)"""
        widths: list[float] = self.run(script, self.row(name), css)
        return widths

    def count(self, css: str) -> int:
        return len(self.all(css))

    def row(self, name: str) -> WebElement:
        """The row of an operation in the timeline."""
        return self.see(f'.timeline [data-id][aria-label^="{name}, "]')

    def names(self) -> list[str]:
        """Those of the executions in the list, from top to bottom."""
        script = "return [...document.querySelectorAll('#executions .name')].map(e => e.innerText)"
        names: list[str] = self.run(script)
        return names

    def badge(self, text: str) -> WebElement:
        """How the execution stands, once it does."""
        return self.see(".execution-head .badge", text)

    def spoken(self) -> list[tuple[str, str]]:
        """What a screen reader is told: the role and the name of each thing."""
        tree = self._devtools("Accessibility.getFullAXTree", {})
        return [
            (str(node["role"]["value"]), str(node.get("name", {}).get("value", "")))
            for node in tree["nodes"]
            if not node["ignored"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        script = (
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return int(self.run(script))

    # What is done

    def click(self, name: str, css: str = "button") -> None:
        self.see(css, name).click()

    def fill(self, label: str, text: str) -> None:
        """Type into the field with a label."""
        wanted = self.see("label", label).get_attribute("for")
        field = self.driver.find_element(By.ID, str(wanted))
        field.clear()
        field.send_keys(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    # What went on behind it

    def complaints(self) -> list[str]:
        """The warnings and errors of the console since this was asked last."""
        logged: list[dict[str, Any]] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]  # selenium
        return [each["message"] for each in logged if each["level"] in ("SEVERE", "WARNING")]

    def hosts(self) -> set[str]:
        """The hosts that anything was asked of."""
        logged: list[dict[str, Any]] = self.driver.get_log("performance")  # type: ignore[no-untyped-call]  # selenium
        messages = [json.loads(each["message"])["message"] for each in logged]
        sent = [each for each in messages if each["method"] == "Network.requestWillBeSent"]
        urls: list[str] = [each["params"]["request"]["url"] for each in sent]
        return {urlsplit(url).netloc for url in urls} - {""}

    def _devtools(self, command: str, parameters: dict[str, Any]) -> Any:
        return self.driver.execute_cdp_cmd(command, parameters)  # pyright: ignore[reportUnknownMemberType]  # selenium
