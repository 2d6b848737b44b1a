// The operations of an execution as a tree, told by its events, one after the other.

const KINDS = ["Execution", "Invocation", "Context", "Step", "Wait", "Callback", "ChainedInvoke"];
const TYPES = { ChainedInvoke: "CHAINED_INVOKE" };
const ENDS = {
  Succeeded: "SUCCEEDED",
  Failed: "FAILED",
  TimedOut: "TIMED_OUT",
  Stopped: "STOPPED",
  Cancelled: "CANCELLED",
};

// What only a running invocation brings about; waits, callbacks and invokes end without one.
const BY_CODE = new Set([
  "ExecutionStarted",
  "StepStarted",
  "StepSucceeded",
  "StepFailed",
  "ContextStarted",
  "ContextSucceeded",
  "ContextFailed",
  "WaitStarted",
  "CallbackStarted",
  "ChainedInvokeStarted",
]);

/** What the events of one execution, given in their order, amount to. */
export class History {
  constructor() {
    this.last = 0; // the id of the last event
    this.began = null; // UNIX seconds, as all times here
    this.ended = null;
    this.status = "RUNNING";
    this.operations = new Map(); // by id
    this.roots = [];
    this.invocations = []; // {began, ended, requestId, failed, event}
    this.working = null; // since when an invocation has been at work, as far as events tell
    this.pauses = []; // {began, ended}
    this.times = []; // of all events
    this.endEvent = null; // the id of the event that ended it
  }

  /** Take the next event. One that is known already changes nothing. */
  receive(event) {
    if (event.EventId <= this.last) return;
    this.last = event.EventId;
    const time = event.EventTimestamp;
    this.times.push(time);
    const prefix = KINDS.find((each) => event.EventType.startsWith(each));
    const what = event.EventType.slice(prefix?.length ?? 0);
    const details = event[`${event.EventType}Details`] ?? {};
    if (BY_CODE.has(event.EventType)) this.working ??= time;
    if (prefix === "Execution") this.#execution(what, time, event.EventId);
    else if (prefix === "Invocation") this.#invocation(details, event.EventId);
    else if (prefix) receiveEvent(this.#operation(prefix, event), what, details, time);
  }

  /** When it ended, or the latest time that is known of it. */
  until(now) {
    return this.ended ?? Math.max(now, this.times.at(-1) ?? now);
  }

  /** The callbacks that nobody has answered. */
  openCallbacks() {
    const all = [...this.operations.values()];
    return all.filter((operation) => operation.kind === "CALLBACK" && operation.ended === null);
  }

  #execution(what, time, id) {
    if (what === "Started") this.began = time;
    else if (what === "Paused") this.pauses.push({ began: time, ended: null });
    else if (what === "Resumed" && this.pauses.length) this.pauses.at(-1).ended = time;
    else if (ENDS[what]) {
      this.ended = time;
      this.working = null;
      this.status = ENDS[what];
      this.endEvent = id;
    }
  }

  #invocation(details, event) {
    this.working = null;
    this.invocations.push({
      began: details.StartTimestamp,
      ended: details.EndTimestamp,
      requestId: details.RequestId,
      failed: details.Error !== undefined,
      event,
    });
  }

  #operation(prefix, event) {
    let operation = this.operations.get(event.Id);
    if (operation === undefined) {
      operation = newOperation(TYPES[prefix] ?? prefix.toUpperCase(), event);
      this.operations.set(event.Id, operation);
      const parent = this.operations.get(event.ParentId) ?? null;
      operation.parent = parent;
      operation.level = parent ? parent.level + 1 : 1;
      (parent ? parent.children : this.roots).push(operation);
    }
    operation.events.push({ id: event.EventId, type: event.EventType, time: event.EventTimestamp });
    return operation;
  }
}

function newOperation(kind, event) {
  return {
    id: event.Id,
    kind,
    subType: event.SubType ?? null,
    name: event.Name ?? null,
    parent: null,
    level: 1,
    children: [],
    began: event.EventTimestamp,
    ended: null,
    status: "STARTED",
    attempts: [], // {began, ended, outcome: good, bad, poll or lost, event}
    nextAttempt: null,
    details: {}, // of its Started event
    events: [], // {id, type, time}
    resultEvent: null, // the id of the event that holds its latest result or error
  };
}

function receiveEvent(operation, what, details, time) {
  const { id } = operation.events.at(-1);
  operation.nextAttempt = null;
  if (!ENDS[what]) {
    operation.status = "STARTED";
    if (operation.kind !== "STEP") operation.details = details;
    else beginAttempt(operation, time);
    return;
  }
  operation.resultEvent = id;
  const delay = details.RetryDetails?.NextAttemptDelaySeconds;
  if (operation.kind === "STEP") {
    const outcome = what === "Failed" ? "bad" : delay ? "poll" : "good";
    endAttempt(operation, time, outcome, id);
  }
  if (delay) {
    operation.status = "PENDING";
    operation.nextAttempt = time + delay;
  } else {
    operation.status = ENDS[what];
    operation.ended = time;
  }
}

function beginAttempt(operation, time) {
  // An invocation that crashed leaves its attempt open.
  endOpen(operation, time, "lost", null);
  operation.attempts.push({ began: time, ended: null, outcome: null, event: null });
}

function endAttempt(operation, time, outcome, event) {
  if (endOpen(operation, time, outcome, event)) return;
  operation.attempts.push({ began: time, ended: time, outcome, event });
}

function endOpen(operation, time, outcome, event) {
  const open = operation.attempts.at(-1);
  if (!open || open.ended !== null) return false;
  Object.assign(open, { ended: time, outcome, event });
  return true;
}

/** The status of an operation as it is shown, which says more than the protocol's. */
export function statusOf(operation, over) {
  if (operation.ended !== null) return operation.status;
  if (over) return "UNFINISHED";
  if (operation.kind === "WAIT") return "WAITING";
  if (operation.kind === "CALLBACK") return "OPEN";
  if (operation.status === "PENDING" && operation.attempts.at(-1)?.outcome === "poll")
    return "POLLING";
  return operation.status;
}

/** What a person calls an operation. */
export function labelOf(operation, kind) {
  return operation.name ?? kind;
}

/** How many operations have each shown status, the most frequent first. */
export function tally(operations, over) {
  const counts = new Map();
  for (const operation of operations) {
    const status = statusOf(operation, over);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one);
}
