// What is drawn in the track of an operation: bars in time, and how long it took.

import { statusOf } from "./history.js";
import { el } from "./dom.js";
import { duration } from "./times.js";
import { toneOf } from "./words.js";

/** The bars of an operation on a scale; `end` is until when open ones reach. */
export function barsOf(operation, scale, end, over) {
  const tone = toneOf(statusOf(operation, over));
  const until = operation.ended ?? end;
  const bars = [];
  switch (operation.kind) {
    case "STEP":
      bars.push(...attemptBars(operation, scale, end, over));
      break;
    case "WAIT":
      bars.push(...waitBars(operation, scale, until, over, tone));
      break;
    default:
      bars.push(bar(scale, operation.began, until, `${shape(operation)} ${tone}`));
  }
  bars.push(tookLabel(operation, scale, until, over));
  return bars;
}

function shape(operation) {
  return { CONTEXT: "context", CALLBACK: "callback", CHAINED_INVOKE: "invoke" }[operation.kind] ?? "step";
}

const TONES = { good: "good", bad: "bad", poll: "live", lost: "mute" };

function attemptBars(operation, scale, end, over) {
  const bars = [];
  let before = null;
  for (const attempt of operation.attempts) {
    if (before !== null) bars.push(bar(scale, before, attempt.began, "pause"));
    const tone = attempt.ended === null ? (over ? "mute" : "live open") : TONES[attempt.outcome];
    bars.push(bar(scale, attempt.began, attempt.ended ?? end, `step ${tone}`));
    before = attempt.ended;
  }
  if (operation.nextAttempt !== null) {
    const next = over ? end : Math.max(operation.nextAttempt, end);
    bars.push(bar(scale, before, next, "pause"));
  }
  return bars;
}

function waitBars(operation, scale, until, over, tone) {
  const bars = [];
  const planned = operation.details.ScheduledEndTimestamp;
  if (operation.ended === null && !over && planned > until) {
    bars.push(bar(scale, until, planned, "wait ahead"));
  }
  bars.push(bar(scale, operation.began, until, `wait ${tone}`));
  return bars;
}

/** One bar from a time to another; null if it is out of view. */
export function bar(scale, from, to, kind) {
  const left = scale.at(from);
  const right = scale.at(to);
  if (right < 0 || left > 1) return null;
  const node = el("div", { class: `bar ${kind}` });
  place(node, Math.max(left, -0.01), Math.min(right, 1.01));
  return node;
}

/** Put a node at a stretch of its track, given in shares of it. */
export function place(node, left, right) {
  node.style.setProperty("left", `${(left * 100).toFixed(4)}%`);
  node.style.setProperty("width", `${(Math.max(0, right - left) * 100).toFixed(4)}%`);
}

function tookLabel(operation, scale, until, over) {
  const left = scale.at(operation.began);
  const right = scale.at(until);
  if (right < 0 || left > 1) return null;
  const node = el("span", { class: "took" }, tookText(operation, until, over));
  // To the right of the bar, or to its left where that is the edge.
  if (right < 0.8 || left < 0.12) {
    node.style.setProperty("left", `${(Math.min(right, 1) * 100).toFixed(3)}%`);
    if (right > 0.8) node.classList.add("inside");
  } else {
    node.style.setProperty("right", `${((1 - left) * 100).toFixed(3)}%`);
    node.classList.add("before");
  }
  return node;
}

/** How long it took, or takes already, and in how many attempts. */
export function tookText(operation, until, over) {
  const seconds = until - operation.began;
  const open = operation.ended === null && !over;
  const took = duration(open && seconds >= 1 ? Math.floor(seconds) : seconds);
  const count = operation.attempts.length;
  const polls = operation.subType === "WaitForCondition" ? "polls" : "attempts";
  return count > 1 ? `${took} · ${count} ${polls}` : took;
}
