// What stands above the timeline: search, filters, and how time is shown.

import { el } from "./dom.js";
import { sign } from "./words.js";

/** The tools of a timeline: their `node`, and `tell` to bring them up to date. */
export function timelineTools(timeline) {
  const { rows } = timeline;
  const search = el("input", {
    type: "search",
    "aria-label": "Find operations",
    placeholder: "Find operations…",
    spellcheck: "false",
    oninput: () => {
      rows.text = search.value.trim();
      timeline.relist();
    },
  });
  const state = el(
    "select",
    {
      "aria-label": "Which operations",
      onchange: () => {
        rows.state = state.value;
        timeline.relist();
      },
    },
    el("option", { value: "" }, "All"),
    el("option", { value: "open" }, "Open"),
    el("option", { value: "failed" }, "Failed"),
  );
  const shorten = el("input", {
    type: "checkbox",
    checked: true,
    onchange: () => {
      timeline.shorten = shorten.checked;
      timeline.window = [0, 1];
      timeline.rescale();
    },
  });
  const shortenLabel = el("label", { class: "check" }, shorten, "Shorten idle time");
  const all = (open) => () => {
    rows.toggleAll(timeline.history, open);
    timeline.relist();
  };
  const branches = el(
    "span",
    { class: "group" },
    el("button", { class: "button small", onclick: all(true) }, "Open all"),
    el("button", { class: "button small", onclick: all(false) }, "Close all"),
  );
  const look = (name, label, from, to) =>
    el(
      "button",
      { class: "icon", "aria-label": label, title: label, onclick: () => timeline.zoom(from, to) },
      sign(name),
    );
  const fit = el(
    "button",
    { class: "button small", onclick: () => timeline.zoom(-Infinity, Infinity) },
    "Fit",
  );
  const left = look("left", "Look earlier", -0.5, 0.5);
  const right = look("right", "Look later", 0.5, 1.5);
  const zoom = el(
    "span",
    { class: "group", role: "group", "aria-label": "Zoom" },
    left,
    look("minus", "Zoom out", -0.5, 1.5),
    look("plus", "Zoom in", 0.25, 0.75),
    right,
    fit,
  );
  const node = el(
    "div",
    { class: "tools" },
    search,
    state,
    branches,
    el("span", { class: "wide" }),
    shortenLabel,
    zoom,
  );

  function tell() {
    const { history, window: view } = timeline;
    branches.hidden = !history || ![...history.roots].some((each) => each.children.length);
    shortenLabel.hidden = !timeline.scale?.idle.length;
    const whole = view[0] === 0 && view[1] === 1;
    for (const each of [fit, left, right]) each.disabled = whole;
  }

  return { node, tell };
}
