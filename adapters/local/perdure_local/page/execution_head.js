// The head of an execution: what it is, how it stands, what went in and what came out.

import { executionAddress, namesIn } from "./address.js";
import { openDialog } from "./dialog.js";
import { el, replace, say } from "./dom.js";
import { tally } from "./history.js";
import { copyButton, errorBox, payload } from "./payload.js";
import { stop } from "./service.js";
import { ago, clock, duration, exact, now, soFar } from "./times.js";
import { badge, isOver, sign, wordOf } from "./words.js";

const ASKS = 4; // callbacks that are named

export class ExecutionHead {
  constructor(arn) {
    this.arn = arn;
    const names = namesIn(arn);
    this.badge = el("span", {});
    this.stop = el(
      "button",
      { class: "button danger", hidden: true, onclick: () => openStop(arn) },
      sign("square"),
      "Stop…",
    );
    this.started = el("dd", {});
    this.took = el("dd", {});
    this.tookTerm = el("dt", {}, "Took");
    this.counts = el("dd", {});
    this.invocations = el("dd", {});
    const fact = (term, value) =>
      el("div", {}, typeof term === "string" ? el("dt", {}, term) : term, value);
    const version = names.version === "$LATEST" ? "" : `:${names.version}`;
    this.payloads = el("div", { class: "payloads" });
    this.asks = el("p", { class: "asks", hidden: true });
    this.node = el(
      "header",
      { class: "execution-head" },
      el(
        "div",
        { class: "title" },
        el("h1", {}, names.name || arn),
        copyButton(arn, "Copy the ARN"),
        this.badge,
        el("span", { class: "wide" }),
        this.stop,
      ),
      el(
        "dl",
        { class: "strip" },
        fact("Function", el("dd", {}, names.function + version)),
        fact("Started", this.started),
        fact(this.tookTerm, this.took),
        fact("Invocations", this.invocations),
        fact("Operations", this.counts),
      ),
      this.asks,
      this.payloads,
    );
  }

  /** Show what is known of it now. */
  tell(known, history) {
    const changed = this.known?.Status !== known.Status;
    this.known = known;
    if (changed) {
      replace(this.badge, badge(known.Status));
      this.stop.hidden = isOver(known.Status);
      this.#tellPayloads();
    }
    this.started.title = exact(known.StartTimestamp);
    say(this.invocations, `${history.invocations.length + (history.working === null ? 0 : 1)}`);
    say(this.counts, countText(history, isOver(known.Status)));
    this.#tellAsks(history, isOver(known.Status));
    this.tick();
  }

  /** Time has passed. */
  tick() {
    const { StartTimestamp: began, EndTimestamp: ended } = this.known;
    const seconds = (ended ?? now()) - began;
    say(this.started, `${clock(began)} · ${ago(began)}`);
    say(this.tookTerm, ended === undefined ? "Running for" : "Took");
    say(this.took, ended === undefined ? soFar(seconds) : duration(seconds));
  }

  // Callbacks that wait for an answer: somebody has to do something.
  #tellAsks(history, over) {
    const open = over ? [] : history.openCallbacks();
    this.asks.hidden = open.length === 0;
    const ids = open.map((operation) => operation.id).join();
    if (ids === this.asked) return;
    this.asked = ids;
    const links = open.slice(0, ASKS).map((operation) => {
      const address = executionAddress(this.arn, { operation: operation.id });
      return el("a", { class: "button small", href: address }, operation.name ?? "callback");
    });
    const more = open.length > ASKS ? `and ${open.length - ASKS} more` : null;
    replace(this.asks, sign("hand", "ask"), el("span", {}, "Waits for an answer:"), links, more);
  }

  #tellPayloads() {
    const { Status: status, InputPayload: input, Result: result, Error: error } = this.known;
    const card = (title, open, content) =>
      el("details", { class: "card", open }, el("summary", {}, title), content);
    const outcome =
      status === "SUCCEEDED"
        ? card("Result", true, payload(result))
        : isOver(status) && (error || status !== "DELETING")
          ? card("Error", true, errorBox(error))
          : null;
    replace(this.payloads, card("Input", !input || input.length < 2000, payload(input)), outcome);
  }
}

function countText(history, over) {
  const size = history.operations.size;
  if (size === 0) return "0";
  const parts = tally(history.operations.values(), over).map(
    ([status, count]) => `${count.toLocaleString()} ${wordOf(status).toLowerCase()}`,
  );
  return parts.length === 1 ? parts[0] : `${size.toLocaleString()}: ${parts.join(", ")}`;
}

function openStop(arn) {
  const message = el("input", {
    id: "stop-message",
    autocomplete: "off",
    placeholder: "Execution stopped by user request",
  });
  const kind = el("input", { id: "stop-type", autocomplete: "off", spellcheck: "false" });
  openDialog({
    title: "Stop this execution?",
    body: [
      el("p", {}, "It ends now and cannot be resumed. Code that is running is not interrupted."),
      el("label", { for: "stop-message" }, "Error message"),
      message,
      el("label", { for: "stop-type" }, "Error type"),
      kind,
    ],
    submit: "Stop it",
    danger: true,
    send: () => {
      const members = { ErrorMessage: message.value, ErrorType: kind.value };
      const given = Object.entries(members).filter(([, value]) => value);
      return stop(arn, given.length ? Object.fromEntries(given) : null);
    },
  });
}
