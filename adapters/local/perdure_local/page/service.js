// The calls of the service. All but two are Lambda's own.

const EXECUTIONS = "/2025-12-01/durable-executions/";
const CALLBACKS = "/2025-12-01/durable-execution-callbacks/";
const FUNCTIONS = "/2015-03-31/functions/";
const TOKEN = "perdure-token";

/** The service refused a call, in its own words. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The service did not answer at all. */
export class Gone extends Error {}

/** Show this token with every call from now on; kept until the tab is closed. */
export function useToken(token) {
  sessionStorage.setItem(TOKEN, token);
}

async function call(method, target, { body, headers = {}, signal } = {}) {
  const token = sessionStorage.getItem(TOKEN);
  const shown = token === null ? {} : { authorization: `Bearer ${token}` };
  let response, text;
  try {
    const all = { ...headers, ...shown };
    response = await fetch(target, { method, body, headers: all, signal, cache: "no-store" });
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Gone("The service does not answer.");
  }
  if (response.ok) return { headers: response.headers, json: text ? JSON.parse(text) : null };
  const code = response.headers.get("x-amzn-errortype") ?? String(response.status);
  throw new Refused(response.status, code, messageIn(text) ?? `${code} (${response.status})`);
}

function messageIn(text) {
  try {
    const body = JSON.parse(text);
    return body.message ?? body.Message;
  } catch {
    return null;
  }
}

async function get(target, query, signal) {
  const members = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat())
      if (each || each === 0 || each === false) members.append(name, each);
  }
  const { json } = await call("GET", `${target}?${members}`, { signal });
  return json;
}

function of(arn) {
  return EXECUTIONS + encodeURIComponent(arn);
}

/** Functions, by name: `{FunctionName, DurableConfig?}`. */
export async function functions(signal) {
  return (await get(FUNCTIONS, {}, signal)).Functions;
}

/** One page of executions. */
export function executions(query, signal) {
  return get("/perdure/executions", query, signal);
}

/** Answers at the next change: `{Last, Now}`. */
export function changes(query, signal) {
  return get("/perdure/changes", query, signal);
}

/** An execution; with its input and outcome if `withData`. */
export function execution(arn, withData, signal) {
  return get(of(arn), { IncludeExecutionData: withData }, signal);
}

/** One page of an execution's events, from the one with the id `first` on. */
export function events(arn, { first, count, withData }, signal) {
  const marker = first > 1 ? first : "";
  const query = { Marker: marker, MaxItems: count, IncludeExecutionData: withData };
  return get(`${of(arn)}/history`, query, signal);
}

/** Start an execution; returns its ARN, or null if the function is a plain one. */
export async function start(name, input, executionName) {
  const headers = { "x-amz-invocation-type": "Event", "content-type": "application/json" };
  if (executionName) headers["x-amz-durable-execution-name"] = executionName;
  const target = `${FUNCTIONS}${encodeURIComponent(name)}/invocations`;
  const answer = await call("POST", target, { body: input, headers });
  return answer.headers.get("x-amz-durable-execution-arn");
}

/** End an execution; `error` is an ErrorObject, or null. */
export function stop(arn, error) {
  return call("POST", `${of(arn)}/stop`, { body: error && JSON.stringify(error) });
}

/** Answer a callback with a result, as it is. */
export function succeed(callbackId, result) {
  return answer(callbackId, "succeed", result);
}

/** Answer a callback with an error, an ErrorObject. */
export function fail(callbackId, error) {
  return answer(callbackId, "fail", JSON.stringify(error));
}

/** Say that whoever works on a callback is still at it. */
export function heartbeat(callbackId) {
  return answer(callbackId, "heartbeat");
}

function answer(callbackId, how, body) {
  return call("POST", `${CALLBACKS}${encodeURIComponent(callbackId)}/${how}`, { body });
}
