// A payload as people read it: JSON is laid out and coloured, all else is shown as it is.

import { el, replace } from "./dom.js";
import { untagged } from "./tagged.js";
import { sign } from "./words.js";

const SHOWN = 20_000; // characters that are shown without being asked

/** A payload; `text` is what was sent, undefined is nothing. */
export function payload(text) {
  if (text === undefined || text === null) return el("p", { class: "quiet" }, "Nothing");
  const json = parsed(text);
  const recorded = json === undefined ? text : JSON.stringify(json, null, 2);
  const plain = untagged(json);
  const box = el("pre", { class: "payload", tabindex: 0 });
  const more = el("button", { class: "button small", type: "button", onclick: () => show(true) });
  const other = el("button", {
    class: "button small",
    type: "button",
    hidden: plain === undefined,
    onclick: turn,
  });
  let decoded = plain !== undefined;

  function show(all) {
    const whole = decoded ? JSON.stringify(plain, null, 2) : recorded;
    const tooLong = whole.length > SHOWN;
    replace(box, tooLong ? (all ? whole : whole.slice(0, SHOWN)) : coloured(whole));
    more.hidden = all || !tooLong;
    replace(more, `Show all ${size(whole.length)}`);
    replace(other, decoded ? "As recorded" : "Without type tags");
  }

  function turn() {
    decoded = !decoded;
    show(false);
  }

  show(false);
  return el(
    "div",
    { class: "payload-box" },
    copyButton(text),
    box,
    el("div", { class: "choices" }, more, other),
  );
}

/** An ErrorObject. */
export function errorBox(error) {
  if (!error) return el("p", { class: "quiet" }, "No error was given");
  const trace = error.StackTrace ?? [];
  return el(
    "div",
    { class: "error-box" },
    el(
      "p",
      {},
      el("strong", {}, error.ErrorType ?? "Error"),
      error.ErrorMessage ? `: ${error.ErrorMessage}` : "",
    ),
    error.ErrorData === undefined ? null : payload(error.ErrorData),
    trace.length
      ? el(
          "details",
          {},
          el("summary", {}, "Stack trace"),
          el("pre", { class: "payload", tabindex: 0 }, trace.join("\n")),
        )
      : null,
  );
}

/** A button that copies a text. */
export function copyButton(text, what = "Copy") {
  const button = el(
    "button",
    {
      class: "icon copy",
      type: "button",
      "aria-label": what,
      title: what,
      onclick: async () => {
        await navigator.clipboard.writeText(text);
        replace(button, sign("tick", "good"));
        setTimeout(() => replace(button, sign("copy")), 1200);
      },
    },
    sign("copy"),
  );
  return button;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function size(characters) {
  return characters < 1e6
    ? `${Math.round(characters / 1000)} kB`
    : `${(characters / 1e6).toFixed(1)} MB`;
}

const TOKEN =
  /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;

function coloured(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    const [whole, string, colon, word, number] = found;
    parts.push(text.slice(at, found.index));
    const kind = string ? (colon ? "key" : "string") : word ? "word" : number ? "number" : "";
    parts.push(el("span", { class: kind }, whole));
    at = found.index + whole.length;
  }
  parts.push(text.slice(at));
  return parts;
}
