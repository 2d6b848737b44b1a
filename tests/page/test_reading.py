"""That the page can be read: contrast in both colour schemes, names for those who only listen."""

from __future__ import annotations

import pytest

from page.browser import Page
from page.dev import Service

pytestmark = [pytest.mark.heavy, pytest.mark.browser]

# The lowest contrast of visible text (WCAG 2), and where. Transparent grounds show what is
# beneath; semi-transparent ones are mixed.
LOWEST_CONTRAST = """
const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
function mixed(over, colour) {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = over; canvas.fillRect(0, 0, 1, 1);
  canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b] = canvas.getImageData(0, 0, 1, 1).data;
  return `rgb(${r}, ${g}, ${b})`;
}
function ground(node) {
  if (!node) return "rgb(255, 255, 255)";
  return mixed(ground(node.parentElement), getComputedStyle(node).backgroundColor);
}
function light(colour) {
  const [r, g, b] = colour.match(/[\\d.]+/g).map(each => each / 255)
    .map(each => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
let lowest = [99, ""];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some(each => each.nodeType === 3 && each.data.trim());
  if (!own || !node.checkVisibility() || node.closest(":disabled, .skip")) continue;
  const under = ground(node);
  const [a, b] = [light(under), light(mixed(under, getComputedStyle(node).color))];
  const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (contrast < lowest[0]) lowest = [contrast, `${node.outerHTML.slice(0, 99)} on ${under}`];
}
return lowest;
"""

NAMED_ROLES = {
    "button",
    "link",
    "textbox",
    "searchbox",
    "combobox",
    "checkbox",
    "radio",
    "treeitem",
}


def _check(page: Page, where: str) -> None:
    for scheme in ("light", "dark"):
        page.dress(scheme)
        contrast, text = page.run(LOWEST_CONTRAST)
        assert contrast >= 4.5, (where, scheme, text)
    nodes = page.spoken()
    assert {role for role, _ in nodes} & NAMED_ROLES
    assert [role for role, name in nodes if role in NAMED_ROLES and not name] == [], where


def test_text_stands_out_and_controls_have_names(page: Page, service: Service) -> None:
    for function in ("fails", "child", "order", "sleeper"):
        service.start(function, {"mugs": 1, "seconds": 1}, function)
    arn = service.start("fails", {}, "failed")
    open_arn = service.start("approval", {}, "open")
    page.open()
    page.until(lambda: len(page.all("#executions .badge.bad")) == 2, "two failures")
    _check(page, "list")
    page.click("Start an execution")
    _check(page, "form")
    page.click("Cancel")
    page.open_execution(open_arn)
    page.click("manager create callback id", ".asks a")
    page.see(".details .answer")
    _check(page, "callback")
    page.open_execution(arn)
    page.row("charge").click()
    page.see(".details .error-box")
    _check(page, "failed")
    stopped = service.start("sleeper", {}, "stopped")
    page.open_execution(stopped)
    service.peer.of(stopped, "POST", "/stop")
    page.badge("Stopped")
    _check(page, "stopped")
