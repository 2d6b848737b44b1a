// A form in front of the page. The browser keeps the focus in it, and Escape closes it.

import { el, replace } from "./dom.js";
import { sign } from "./words.js";

/**
 * Open a form.
 *
 * `send` is called when it is submitted; what it throws is shown, and the form stays open.
 */
export function openDialog({ title, body, submit, danger = false, send }) {
  const message = el("p", { class: "fault", role: "alert", hidden: true });
  const go = el(
    "button",
    { class: danger ? "button danger" : "button main", type: "submit" },
    submit,
  );
  const cancel = el(
    "button",
    { class: "button", type: "button", onclick: () => dialog.close() },
    "Cancel",
  );
  const close = el(
    "button",
    { class: "icon", type: "button", "aria-label": "Close", onclick: () => dialog.close() },
    sign("close"),
  );
  const form = el(
    "form",
    { method: "dialog", onsubmit: submitted },
    el("header", {}, el("h2", { id: "dialog-title" }, title), close),
    body,
    message,
    el("footer", {}, cancel, go),
  );
  const dialog = el(
    "dialog",
    { "aria-labelledby": "dialog-title", onclose: () => dialog.remove() },
    form,
  );

  async function submitted(event) {
    event.preventDefault();
    go.disabled = true;
    message.hidden = true;
    try {
      await send();
      dialog.close();
    } catch (error) {
      message.hidden = false;
      replace(message, error.message);
    } finally {
      go.disabled = false;
    }
  }

  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector("select, input, textarea").focus();
}
