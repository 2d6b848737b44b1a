// Times and durations as people read them. All of the service's times are UNIX seconds.

let offset = 0;

/** Take the service's time as it is now; its clock need not be this machine's. */
export function setNow(now) {
  offset = now - Date.now() / 1000;
}

/** The service's time. */
export function now() {
  return Date.now() / 1000 + offset;
}

const UNITS = [
  ["d", 86400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];

/** A duration, in the two largest units that matter: `2 h 5 min`, `1.25 s`, `340 ms`. */
export function duration(seconds) {
  const whole = Math.max(0, seconds);
  if (whole < 0.9995) return `${Math.round(whole * 1000)} ms`;
  if (whole < 59.95) return `${trim(whole < 9.995 ? whole.toFixed(2) : whole.toFixed(1))} s`;
  let rest = Math.round(whole);
  const at = UNITS.findIndex(([, size]) => rest >= size);
  const parts = [];
  for (const [unit, size] of UNITS.slice(at, at + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(`${count} ${unit}`);
  }
  return parts.join(" ");
}

/** How long something has taken already, in whole seconds: it is told again and again. */
export function soFar(seconds) {
  return seconds < 1 ? "0 s" : duration(Math.floor(seconds));
}

/** How long it is until a time, roughly. */
export function left(time) {
  const seconds = time - now();
  return seconds < 1 ? "1 s" : duration(coarse(Math.ceil(seconds)));
}

function trim(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

const DAY = { year: "numeric", month: "short", day: "numeric" };
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const dayOf = new Intl.DateTimeFormat(undefined, DAY);
const clockOf = new Intl.DateTimeFormat(undefined, CLOCK);
const fineOf = new Intl.DateTimeFormat(undefined, { ...CLOCK, fractionalSecondDigits: 3 });
const FINE = { ...DAY, ...CLOCK, fractionalSecondDigits: 3, timeZoneName: "short" };
const exactly = new Intl.DateTimeFormat(undefined, FINE);

/** A time of day, with the date if it is not today's. */
export function clock(time) {
  const date = new Date(time * 1000);
  const day = dayOf.format(date);
  const today = day === dayOf.format(new Date(now() * 1000));
  return today ? clockOf.format(date) : `${day}, ${clockOf.format(date)}`;
}

/** A time of day, to the millisecond. */
export function fineClock(time) {
  return fineOf.format(new Date(time * 1000));
}

/** A time to the millisecond, with date and zone. */
export function exact(time) {
  return exactly.format(new Date(time * 1000));
}

/** How long ago. */
export function ago(time) {
  const seconds = now() - time;
  if (seconds < 5) return "just now";
  return `${duration(seconds < 60 ? Math.floor(seconds) : coarse(seconds))} ago`;
}

function coarse(seconds) {
  const [, size] = UNITS.find(([, each]) => seconds >= each);
  return Math.floor(seconds / size) * size;
}

const STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900,
  1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 432000, 864000, 2592000, 7776000,
];

/** The round step of an axis that is at least so long. */
export function roundStep(atLeast) {
  return STEPS.find((step) => step >= atLeast) ?? STEPS.at(-1);
}
