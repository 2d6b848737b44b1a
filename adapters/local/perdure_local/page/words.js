// What the protocol's words look like: each status has a word, a sign and a tone.

import { el, svg } from "./dom.js";

const STATUSES = {
  RUNNING: ["Running", "turn", "live"],
  STARTED: ["Running", "turn", "live"],
  WAITING: ["Waiting", "clock", "live"],
  OPEN: ["Waiting for an answer", "hand", "ask"],
  PENDING: ["Retry scheduled", "again", "warn"],
  POLLING: ["Polling", "again", "live"],
  NOT_YET: ["Not yet", "again", "live"],
  READY: ["Ready", "turn", "live"],
  RETURNED: ["Returned", "tick", "good"],
  SUCCEEDED: ["Succeeded", "tick", "good"],
  FAILED: ["Failed", "cross", "bad"],
  TIMED_OUT: ["Timed out", "clock", "bad"],
  STOPPED: ["Stopped", "square", "bad"],
  CANCELLED: ["Cancelled", "slash", "mute"],
  UNFINISHED: ["Left open", "slash", "mute"],
  PAUSING: ["Pausing", "bars", "warn"],
  PAUSED: ["Paused", "bars", "warn"],
  DELETING: ["Being deleted", "slash", "mute"],
};

const SIGNS = {
  tick: "M3.5 8.5l3 3 6-7",
  cross: "M4 4l8 8M12 4l-8 8",
  turn: "M8 2.5a5.5 5.5 0 1 1-5.5 5.5",
  clock: "M8 2.5a5.5 5.5 0 1 0 .01 0M8 5v3.2l2.2 1.6",
  again: "M12.8 6.5A5 5 0 1 0 13 9M13 3v3.6H9.4",
  square: "M4.5 4.5h7v7h-7z",
  slash: "M8 2.5a5.5 5.5 0 1 0 .01 0M4.2 11.8l7.6-7.6",
  bars: "M6 4v8M10 4v8",
  hand: "M13 8.5V11a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 11V8.5M8 2.5v6M5.5 6L8 8.5 10.5 6",
  right: "M6 4l4 4-4 4",
  left: "M10 4L6 8l4 4",
  close: "M4 4l8 8M12 4l-8 8",
  copy: "M5.5 5.5h7v7h-7zM3.5 10.5v-7h7",
  play: "M5 3.5l7 4.5-7 4.5z",
  plus: "M8 3.5v9M3.5 8h9",
  minus: "M3.5 8h9",
  find: "M7 2.8a4.2 4.2 0 1 0 .01 0M10 10l3.4 3.4",
  beat: "M2 8.5h3l1.7-4.5 2.6 8 1.7-3.5H14",
};

/** A small drawing; decoration only, so it has no name of its own. */
export function sign(name, more = "") {
  const path = svg("path", { d: SIGNS[name] });
  const attributes = { class: `sign ${name} ${more}`, viewBox: "0 0 16 16", "aria-hidden": "true" };
  return svg("svg", attributes, path);
}

/** A status as people call it. What this page does not know is shown as it is. */
export function wordOf(status) {
  return STATUSES[status]?.[0] ?? status;
}

/** What kind of news a status is: good, bad, live, ask, warn or mute. */
export function toneOf(status) {
  return STATUSES[status]?.[2] ?? "mute";
}

/** The sign of a status, in its tone. */
export function signOf(status) {
  return sign(STATUSES[status]?.[1] ?? "slash", toneOf(status));
}

/** A status as a badge: sign, word and colour. */
export function badge(status) {
  return el("span", { class: `badge ${toneOf(status)}` }, signOf(status), wordOf(status));
}

const KINDS = {
  STEP: "step",
  WAIT: "wait",
  CALLBACK: "callback",
  CONTEXT: "context",
  CHAINED_INVOKE: "invoke",
};

const SUB_TYPES = {
  RunInChildContext: "child context",
  Map: "map",
  MapIteration: "item",
  Parallel: "parallel",
  ParallelBranch: "branch",
  WaitForCallback: "wait for callback",
  WaitForCondition: "condition",
};

/** What an operation is, in a word or two. */
export function kindOf(operation) {
  return SUB_TYPES[operation.subType] ?? KINDS[operation.kind] ?? operation.kind;
}

export const EXECUTION_STATUSES = [
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "TIMED_OUT",
  "STOPPED",
  "PAUSING",
  "PAUSED",
  "DELETING",
];

const ENDED = new Set(["SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED", "DELETING"]);

/** Whether an execution will not go on. */
export function isOver(status) {
  return ENDED.has(status);
}
