// The default encoding of SDKs for Python notes the type of every value: {"t": "i", "v": 3}.

const AS_IT_IS = new Set(["n", "s", "i", "f", "b", "B", "u", "d", "dt", "D"]);

/** What a decoded JSON value means without its tags; undefined if it has none. */
export function untagged(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { t: tag, v: held, ...rest } = value;
  if (typeof tag !== "string" || !("v" in value) || Object.keys(rest).length) return undefined;
  if (AS_IT_IS.has(tag)) return held;
  if (tag === "t" || tag === "l") return Array.isArray(held) ? all(held) : undefined;
  if (tag !== "m" && tag !== "br") return undefined;
  if (typeof held !== "object" || held === null) return undefined;
  const names = Object.keys(held);
  const items = all(names.map((name) => held[name]));
  // Not Object.assign: a member may be named __proto__.
  return items && Object.fromEntries(names.map((name, index) => [name, items[index]]));
}

function all(values) {
  const plain = values.map(untagged);
  return plain.includes(undefined) ? undefined : plain;
}
