// What is drawn in the track of an operation: bars in time. And how long it took, in words.

import { el } from "./dom.js";
import { statusOf } from "./history.js";
import { duration, left, soFar } from "./times.js";
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
    default:
      bars.push(bar(scale, operation.began, until, `${shape(operation)} ${tone}`));
  }
  return bars;
}

function shape(operation) {
  return (
    { WAIT: "wait", CONTEXT: "context", CALLBACK: "callback", CHAINED_INVOKE: "invoke" }[
      operation.kind
    ] ?? "step"
  );
}

const TONES = { good: "good", bad: "bad", poll: "live", lost: "mute" };

function attemptBars(operation, scale, end, over) {
  const pause = operation.subType === "WaitForCondition" ? "pause poll" : "pause";
  const bars = [];
  let before = null;
  for (const attempt of operation.attempts) {
    if (before !== null) bars.push(bar(scale, before, attempt.began, pause));
    const tone = attempt.ended === null ? (over ? "mute" : "live open") : TONES[attempt.outcome];
    bars.push(bar(scale, attempt.began, attempt.ended ?? end, `step ${tone}`));
    before = attempt.ended;
  }
  if (operation.nextAttempt !== null) bars.push(bar(scale, before, end, pause));
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
  // Bars are at least three pixels wide, and those at the very end want to be seen too.
  node.style.setProperty("left", `min(${(left * 100).toFixed(4)}%, 100% - 3px)`);
  node.style.setProperty("width", `${(Math.max(0, right - left) * 100).toFixed(4)}%`);
}

/** How long an operation took, or takes already. */
export function tookText(operation, end, over) {
  const seconds = (operation.ended ?? end) - operation.began;
  return operation.ended === null && !over ? soFar(seconds) : duration(seconds);
}

/** `3 attempts` or `3 polls` if there was more than one, and how long it has to wait yet. */
export function noteText(operation, over) {
  const count = operation.attempts.length;
  const what = operation.subType === "WaitForCondition" ? "polls" : "attempts";
  const notes = count > 1 ? [`${count} ${what}`] : [];
  if (operation.ended === null && !over) notes.push(...waitNotes(operation));
  return notes.join(" · ");
}

function waitNotes(operation) {
  const { details } = operation;
  if (operation.nextAttempt !== null) return [`next in ${left(operation.nextAttempt)}`];
  if (operation.kind === "WAIT") return [`ends in ${left(details.ScheduledEndTimestamp)}`];
  if (details.CallbackId && details.Timeout)
    return [`${left(operation.began + details.Timeout)} left`];
  return [];
}
