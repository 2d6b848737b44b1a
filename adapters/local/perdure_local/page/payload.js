// A payload as people read it: JSON is laid out and coloured, all else is shown as it is.

import { el, replace } from "./dom.js";
import { sign } from "./words.js";

const SHOWN = 20_000; // characters that are shown without being asked

/** A payload; `text` is what was sent, undefined is nothing. */
export function payload(text) {
  if (text === undefined || text === null) return el("p", { class: "quiet" }, "Nothing");
  const laidOut = layOut(text);
  const box = el("pre", { class: "payload", tabindex: 0 });
  const rest = laidOut.length - SHOWN;
  replace(box, rest > 0 ? laidOut.slice(0, SHOWN) : coloured(laidOut));
  const more = el("button", { class: "button small", onclick: showAll }, `Show all ${size(laidOut.length)}`);

  function showAll() {
    replace(box, laidOut);
    more.remove();
  }

  return el("div", { class: "payload-box" }, copyButton(text), box, rest > 0 ? more : null);
}

/** An ErrorObject. */
export function errorBox(error) {
  if (!error) return el("p", { class: "quiet" }, "No error was given");
  const trace = error.StackTrace ?? [];
  return el(
    "div",
    { class: "error-box" },
    el("p", {}, el("strong", {}, error.ErrorType ?? "Error"), error.ErrorMessage ? `: ${error.ErrorMessage}` : ""),
    error.ErrorData === undefined ? null : payload(error.ErrorData),
    trace.length
      ? el("details", {}, el("summary", {}, "Stack trace"), el("pre", { class: "payload", tabindex: 0 }, trace.join("\n")))
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

function layOut(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function size(characters) {
  return characters < 1e6 ? `${Math.round(characters / 1000)} kB` : `${(characters / 1e6).toFixed(1)} MB`;
}

const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/g;

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
