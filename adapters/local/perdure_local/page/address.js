// What is shown is in the address, behind the #: so it can be reloaded, kept and sent.

/** What the address asks for: `{view, arn, query}`. */
export function read(hash = location.hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?");
  const [, first, second] = path.split("/");
  const found = { view: "list", arn: null, query: new URLSearchParams(query) };
  if (first === "execution" && second) {
    try {
      return { ...found, view: "execution", arn: decodeURIComponent(second) };
    } catch {
      return found;
    }
  }
  return found;
}

/** The address of the list with these filters. */
export function listAddress(query = {}) {
  return `#/${asked(query)}`;
}

/** The address of one execution, or of one of its operations. */
export function executionAddress(arn, query = {}) {
  return `#/execution/${encodeURIComponent(arn)}${asked(query)}`;
}

function asked(query) {
  const members = Object.entries(query).filter(([, value]) => value);
  return members.length ? `?${new URLSearchParams(members)}` : "";
}

/** Change the address without going elsewhere. */
export function rewrite(address) {
  history.replaceState(null, "", address);
}

const ARN = /:function:([^:/]+):([^/]+)(?:\/durable-execution\/([^/]+)\/)?/;

/** Names in an ARN of an execution or a function: `{function, version, name}`. */
export function namesIn(arn) {
  const [, name = arn, version = "", execution = ""] = ARN.exec(arn) ?? [];
  return { function: name, version, name: execution };
}
