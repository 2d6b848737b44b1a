// The invocations of an execution: when each ran, and how it ended.

import { el, replace } from "./dom.js";
import { copyButton, errorBox } from "./payload.js";
import { clock, duration, exact } from "./times.js";
import { badge } from "./words.js";

/** Stands for the invocations where the id of an operation would be. No id has a `~`. */
export const INVOCATIONS = "~invocations";

const LISTED = 100; // the latest

/** A list of invocations; `load` gives an event by its id, for the error of one that failed. */
export function invocationList(history, load) {
  const { invocations, working } = history;
  const first = Math.max(0, invocations.length - LISTED);
  const items = invocations.slice(first).map((each, index) => {
    const box = el("div", {});
    if (each.failed) {
      load(each.event)
        .then((event) => replace(box, errorBox(event.InvocationCompletedDetails.Error.Payload)))
        .catch((error) => replace(box, el("p", { class: "fault" }, error.message)));
    }
    return el(
      "li",
      { value: first + index + 1 },
      el(
        "p",
        { class: "invocation-line" },
        badge(each.failed ? "FAILED" : "RETURNED"),
        el("time", { class: "number", title: exact(each.began) }, clock(each.began)),
        el("span", { class: "number" }, duration(each.ended - each.began)),
      ),
      el(
        "p",
        { class: "copied" },
        el("code", { title: each.requestId }, each.requestId),
        copyButton(each.requestId, "Copy the request id"),
      ),
      box,
    );
  });
  if (working !== null) items.push(el("li", { value: invocations.length + 1 }, badge("RUNNING")));
  return el("ol", { class: "invocations" }, items);
}
