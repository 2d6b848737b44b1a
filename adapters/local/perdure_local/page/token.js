// A service that serves other machines wants a token of everybody.

import { el } from "./dom.js";
import { openDialog } from "./dialog.js";
import { useToken } from "./service.js";

/** Ask for the token; then go `on`. */
export function askForToken(on) {
  const field = el("input", { id: "token", type: "password", autocomplete: "off", required: true });
  openDialog({
    title: "This service wants a token",
    body: [
      el("p", {}, "It is the one that perdure dev was given with --token or PERDURE_TOKEN."),
      el("label", { for: "token" }, "Token"),
      field,
    ],
    submit: "Continue",
    send: async () => {
      useToken(field.value.trim());
      on();
    },
  });
}
