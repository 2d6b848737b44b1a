// Answering a callback in place of whoever it waits for.

import { el, replace, say } from "./dom.js";
import { fail, heartbeat, succeed } from "./service.js";
import { sign } from "./words.js";

/** The forms that answer a callback. */
export function answerForm(callbackId) {
  const result = el("textarea", { id: "result", rows: 4, spellcheck: "false" });
  const hint = el("p", { class: "quiet hint" });
  const message = el("input", { id: "error-message", autocomplete: "off" });
  const kind = el("input", { id: "error-type", autocomplete: "off", spellcheck: "false" });
  const data = el("textarea", { id: "error-data", rows: 2, spellcheck: "false" });
  const said = el("p", { role: "status", class: "said", hidden: true });

  const success = el(
    "form",
    { onsubmit: (event) => send(event, () => succeed(callbackId, result.value)) },
    el("label", { for: "result" }, "Result"),
    result,
    hint,
    el("button", { class: "button main", type: "submit" }, sign("tick"), "Complete"),
  );
  const failure = el(
    "form",
    { hidden: true, onsubmit: (event) => send(event, () => fail(callbackId, errorOf())) },
    el("label", { for: "error-message" }, "Message"),
    message,
    el("label", { for: "error-type" }, "Type"),
    kind,
    el("label", { for: "error-data" }, "Data"),
    data,
    el("button", { class: "button danger", type: "submit" }, sign("cross"), "Fail"),
  );
  const choice = (value, label, checked) =>
    el(
      "label",
      {},
      el("input", { type: "radio", name: "answer", value, checked, onchange: choose }),
      label,
    );
  const beat = el(
    "button",
    {
      class: "button",
      type: "button",
      onclick: (event) => send(event, () => heartbeat(callbackId), "Heartbeat sent."),
    },
    sign("beat"),
    "Heartbeat",
  );
  const choices = el(
    "div",
    { class: "choices" },
    el(
      "span",
      { class: "segments" },
      choice("succeed", "Complete", true),
      choice("fail", "Fail", false),
    ),
    beat,
  );
  result.addEventListener("input", tellHint);
  tellHint();
  return el(
    "fieldset",
    { class: "answer" },
    el("legend", {}, "Answer it"),
    choices,
    success,
    failure,
    said,
  );

  function choose(event) {
    success.hidden = event.target.value !== "succeed";
    failure.hidden = !success.hidden;
  }

  function tellHint() {
    const kind = isJson(result.value) ? "JSON" : "plain text, not JSON";
    const more = result.value ? ` (${kind})` : "; empty is no result";
    say(hint, `Sent exactly as typed${more}.`);
  }

  function errorOf() {
    const members = { ErrorMessage: message.value, ErrorType: kind.value, ErrorData: data.value };
    return Object.fromEntries(Object.entries(members).filter(([, value]) => value));
  }

  async function send(event, call, done = "Sent.") {
    event.preventDefault();
    said.hidden = false;
    said.className = "said";
    replace(said, "Sending…");
    try {
      await call();
      replace(said, done);
    } catch (error) {
      said.className = "said fault";
      replace(said, error.message);
    }
  }
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
