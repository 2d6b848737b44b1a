// What there is to know of one operation.

import { answerForm } from "./answer.js";
import { executionAddress, namesIn } from "./address.js";
import { tookText } from "./bars.js";
import { el, replace } from "./dom.js";
import { labelOf, statusOf } from "./history.js";
import { invocationList } from "./invocations.js";
import { copyButton, errorBox, payload } from "./payload.js";
import { events } from "./service.js";
import { clock, duration, exact, fineClock, now } from "./times.js";
import { badge, kindOf, sign } from "./words.js";

const ATTEMPTS = 100; // the latest that are listed

export class Details {
  /** `close` is called when somebody wants to see no details, `zoomTo` for a closer look. */
  constructor({ arn, history, close, zoomTo, signal }) {
    this.arn = arn;
    this.history = history;
    this.close = close;
    this.zoomTo = zoomTo;
    this.signal = signal;
    this.loaded = new Map(); // event id: a promise of the event
    this.shown = null;
    this.node = el("aside", { class: "details", "aria-label": "Operation", hidden: true });
    this.node.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  /** Show an operation, or nothing (null). What has not changed is left alone. */
  show(operation, over) {
    this.node.hidden = !operation;
    const version = operation && `${operation.id} ${operation.events.length} ${over}`;
    if (version === this.shown) return;
    this.shown = version;
    if (!operation) return replace(this.node);
    const status = statusOf(operation, over);
    const kind = kindOf(operation);
    replace(
      this.node,
      el(
        "header",
        {},
        el(
          "div",
          {},
          el("h2", {}, labelOf(operation, kind)),
          el("p", {}, el("span", { class: "kind" }, kind), " ", badge(status)),
        ),
        el("span", { class: "icons" }, this.#zoomButton(operation), this.#closeButton()),
      ),
      status === "OPEN" ? answerForm(operation.details.CallbackId) : null,
      this.#facts(operation, over),
      this.#input(operation),
      this.#outcome(operation),
      this.#attempts(operation, over),
      this.#events(operation),
    );
    this.node.scrollTop = 0;
  }

  /** Show the invocations. */
  showInvocations(history) {
    this.node.hidden = false;
    const version = `invocations ${history.invocations.length} ${history.working}`;
    if (version === this.shown) return;
    this.shown = version;
    const head = el("div", {}, el("h2", {}, "Invocations"));
    replace(
      this.node,
      el("header", {}, head, this.#closeButton()),
      invocationList(history, (id) => this.#load(id)),
    );
  }

  #closeButton() {
    return el(
      "button",
      { class: "icon", "aria-label": "Close the details", onclick: this.close },
      sign("close"),
    );
  }

  #zoomButton(operation) {
    const label = "Zoom to it";
    const look = () => this.zoomTo(operation.id);
    return el(
      "button",
      { class: "icon", "aria-label": label, title: label, onclick: look },
      sign("find"),
    );
  }

  #facts(operation, over) {
    const { details } = operation;
    const facts = [];
    const add = (term, value) => value && facts.push(el("dt", {}, term), el("dd", {}, value));
    add("Began", this.#time(operation.began));
    add("Ended", operation.ended === null ? undefined : this.#time(operation.ended));
    if (operation.ended !== null) add("Took", tookText(operation, operation.ended, over));
    if (operation.nextAttempt !== null && !over)
      add("Next attempt", exactText(operation.nextAttempt));
    if (operation.kind === "WAIT") {
      add("Waits", details.Duration === undefined ? undefined : duration(details.Duration));
      add("Until", exactText(details.ScheduledEndTimestamp));
    }
    if (operation.kind === "CALLBACK") {
      add("Timeout", details.Timeout ? duration(details.Timeout) : "none");
      add(
        "Heartbeat",
        details.HeartbeatTimeout
          ? `at least every ${duration(details.HeartbeatTimeout)}`
          : undefined,
      );
      add("Callback id", copied(details.CallbackId));
    }
    if (operation.kind === "CHAINED_INVOKE") {
      add("Function", details.FunctionName);
      add("Version", details.ExecutedVersion);
      add("Tenant", details.TenantId);
      const arn = details.DurableExecutionArn;
      if (arn) add("Execution", el("a", { href: executionAddress(arn) }, namesIn(arn).name));
    }
    add(
      "Inside",
      operation.children.length ? `${operation.children.length} operations` : undefined,
    );
    add("Sub type", operation.subType);
    add("Id", copied(operation.id));
    add("Parent", operation.parent ? this.#link(operation.parent) : undefined);
    return el("dl", { class: "facts" }, facts);
  }

  // A time, and how long that is after the start of the execution.
  #time(at) {
    const shown = el(
      "time",
      { title: exact(at), datetime: new Date(at * 1000).toISOString() },
      fineClock(at),
    );
    return [shown, el("span", { class: "quiet" }, ` ${this.#since(at)}`)];
  }

  #since(at) {
    return at < this.history.began ? "" : `+${duration(at - this.history.began)}`;
  }

  #link(operation) {
    const address = executionAddress(this.arn, { operation: operation.id });
    return el("a", { href: address }, labelOf(operation, kindOf(operation)));
  }

  #input(operation) {
    if (operation.kind !== "CHAINED_INVOKE") return null;
    return this.#section("Input", operation.events[0].id, (details) =>
      payload(details.Input?.Payload),
    );
  }

  #outcome(operation) {
    if (operation.resultEvent === null || operation.kind === "WAIT") return null;
    const failed = ["FAILED", "TIMED_OUT", "STOPPED"].includes(operation.status);
    const last = operation.attempts.at(-1)?.outcome;
    const isError = failed || (operation.status === "PENDING" && last === "bad");
    const title = isError ? (operation.ended === null ? "Latest error" : "Error") : "Result";
    return this.#section(title, operation.resultEvent, (details) =>
      details.Error ? errorBox(details.Error.Payload) : payload(details.Result?.Payload),
    );
  }

  // A section whose content is loaded when it is shown.
  #section(title, eventId, content) {
    const box = el("div", { class: "loading" }, "…");
    this.#load(eventId)
      .then((event) => replace(box, content(event[`${event.EventType}Details`] ?? {})))
      .catch(
        (error) => this.signal.aborted || replace(box, el("p", { class: "fault" }, error.message)),
      )
      .finally(() => box.classList.remove("loading"));
    return el("section", {}, el("h3", {}, title), box);
  }

  #load(eventId) {
    if (!this.loaded.has(eventId)) {
      const asked = { first: eventId, count: 1, withData: true };
      const promise = events(this.arn, asked, this.signal).then((page) => page.Events[0]);
      promise.catch(() => this.loaded.delete(eventId));
      this.loaded.set(eventId, promise);
    }
    return this.loaded.get(eventId);
  }

  #attempts(operation, over) {
    if (operation.attempts.length < 2 && operation.nextAttempt === null) return null;
    const first = Math.max(0, operation.attempts.length - ATTEMPTS);
    const rows = operation.attempts.slice(first).map((attempt, index) => {
      const status = attemptStatus(attempt, over);
      const until = attempt.ended ?? now();
      const next = operation.attempts[first + index + 1]?.began ?? operation.nextAttempt;
      const pause = attempt.ended !== null && next ? duration(next - attempt.ended) : "";
      return el(
        "tr",
        {},
        el("td", { class: "number" }, `${first + index + 1}`),
        el("td", {}, badge(status)),
        el("td", { class: "number", title: exact(attempt.began) }, clock(attempt.began)),
        el(
          "td",
          { class: "number" },
          attempt.ended === null && !over ? "…" : duration(until - attempt.began),
        ),
        el("td", { class: "number" }, pause),
      );
    });
    const heads = ["#", "Outcome", "Began", "Took", "Then waits"];
    const head = el(
      "tr",
      {},
      heads.map((each) => el("th", { scope: "col" }, each)),
    );
    const title = operation.subType === "WaitForCondition" ? "Polls" : "Attempts";
    return el(
      "section",
      {},
      el("h3", {}, title),
      el("table", { class: "attempts" }, el("thead", {}, head), el("tbody", {}, rows)),
    );
  }

  #events(operation) {
    const items = operation.events.slice(-2 * ATTEMPTS).map(({ id, type, time: at }) => {
      const box = el("div", {}, "…");
      const title = [
        `${id} ${type}`,
        el("span", { class: "number", title: exact(at) }, this.#since(at)),
      ];
      const toggled = (event) =>
        event.target.open &&
        this.#load(id).then((found) => replace(box, payload(JSON.stringify(found))));
      return el("details", { ontoggle: toggled }, el("summary", {}, title), box);
    });
    return el("section", { class: "events" }, el("h3", {}, "Events"), items);
  }
}

function attemptStatus(attempt, over) {
  if (attempt.ended === null) return over ? "UNFINISHED" : "RUNNING";
  return { good: "SUCCEEDED", bad: "FAILED", poll: "NOT_YET", lost: "UNFINISHED" }[attempt.outcome];
}

// A time that may be on another day.
function exactText(at) {
  return at
    ? el("time", { title: exact(at), datetime: new Date(at * 1000).toISOString() }, clock(at))
    : null;
}

function copied(text) {
  return el("span", { class: "copied" }, el("code", { title: text }, text), copyButton(text));
}
