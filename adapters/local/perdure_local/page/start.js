// The form that starts an execution.

import { executionAddress } from "./address.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { start } from "./service.js";

/** Open the form; `functions` are those of the service, `chosen` the name to begin with. */
export function openStart(functions, chosen) {
  const durable = functions.filter((each) => each.DurableConfig).map((each) => each.FunctionName);
  const options = durable.map((name) =>
    el("option", { value: name, selected: name === chosen }, name),
  );
  const which = el("select", { id: "start-function", required: true }, options);
  const name = el("input", {
    id: "start-name",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 64,
    pattern: "[A-Za-z0-9_\\-]+",
    title: "Letters, digits, _ and -",
    placeholder: "made up if left empty",
  });
  const input = el("textarea", { id: "start-input", rows: 7, spellcheck: "false", value: "{}" });

  openDialog({
    title: "Start an execution",
    body: [
      el("label", { for: "start-function" }, "Function"),
      which,
      el("label", { for: "start-name" }, "Name"),
      name,
      el("label", { for: "start-input" }, "Input, as JSON"),
      input,
    ],
    submit: "Start",
    send: async () => {
      checkJson(input.value);
      const arn = await start(which.value, input.value, name.value);
      location.hash = executionAddress(arn);
    },
  });
}

function checkJson(text) {
  try {
    if (text.trim()) JSON.parse(text);
  } catch (error) {
    throw new Error(`The input is not JSON: ${error.message}`);
  }
}
