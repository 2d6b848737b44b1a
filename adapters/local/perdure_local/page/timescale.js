// Where a time lies on the axis. Idle time, when nothing runs, can be shortened: a wait of a
// day between two steps of milliseconds would leave nothing to see of the steps.

import { duration, roundStep } from "./times.js";

const LONG_SHARE = 0.08; // of the whole, and
const LONG_SECONDS = 1; // shorter pauses are left as they are
const MOSTLY = 0.8; // of the whole that has to be idle before anything is shortened
const GAP_WIDTH = 0.12; // what a shortened one takes
const GAPS_WIDTH = 0.4; // and all together at most

/** The stretches of time when something ran, merged: spans of `[from, to]` in any order. */
export function busySpans(spans) {
  const sorted = spans.toSorted((one, other) => one[0] - other[0]);
  const merged = [];
  for (const [from, to] of sorted) {
    const before = merged.at(-1);
    if (before && from <= before[1]) before[1] = Math.max(before[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** A scale from `from` to `to` (UNIX seconds), with what is idle shortened if asked. */
export class Timescale {
  constructor(from, to, busy, shorten) {
    const length = Math.max(to - from, 0.001);
    this.from = from;
    this.to = from + length;
    this.idle = idleGaps(busy, from, this.to, Math.max(LONG_SECONDS, length * LONG_SHARE));
    this.pieces = shorten && this.idle.length ? this.#shortened() : [this.#whole()];
    this.window = [0, 1]; // the part that is in view
  }

  /** Where a time lies: 0 is the left edge of what is in view, 1 the right one. */
  at(time) {
    const [left, right] = this.window;
    return (this.#place(time) - left) / (right - left);
  }

  /** Look at a part of what is in view, given as places from 0 to 1. */
  zoom(from, to) {
    const [left, right] = this.window;
    const width = right - left;
    this.window = [left + from * width, left + to * width];
  }

  /** The marks of an axis of so many pixels: `{at, label}`, and the gaps: `{from, to, label}`. */
  marks(pixels) {
    const marks = [];
    const gaps = [];
    let taken = -Infinity;
    for (const piece of this.pieces) {
      const from = this.at(piece.from);
      const to = this.at(piece.to);
      if (to < 0 || from > 1) continue;
      if (piece.idle) {
        gaps.push({ from, to, label: duration(piece.to - piece.from) });
        taken = Math.max(taken, to * pixels - 30);
        continue;
      }
      const step = roundStep(((piece.to - piece.from) / Math.max(1, (to - from) * pixels)) * 72);
      const first = Math.max(piece.from, this.#timeAt(piece, 0)) - this.from;
      const last = Math.min(piece.to, this.#timeAt(piece, 1)) - this.from;
      for (let offset = Math.ceil(first / step - 1e-6) * step; offset <= last; offset += step) {
        const at = this.at(this.from + offset);
        if (at < -0.001 || at * pixels < taken + 60 || at * pixels > Math.min(1, to) * pixels - 44)
          continue;
        marks.push({ at, label: offsetLabel(offset, step) });
        taken = at * pixels;
      }
    }
    return { marks, gaps };
  }

  #timeAt(piece, at) {
    const from = this.at(piece.from);
    return piece.from + ((at - from) / (this.at(piece.to) - from)) * (piece.to - piece.from);
  }

  #place(time) {
    const pieces = this.pieces;
    let low = 0;
    let high = pieces.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (time <= pieces[middle].to) high = middle;
      else low = middle + 1;
    }
    const { from, to, left, width } = pieces[low];
    const share = to > from ? (time - from) / (to - from) : 0;
    return left + Math.min(1, Math.max(0, share)) * width;
  }

  #whole() {
    return { from: this.from, to: this.to, left: 0, width: 1, idle: false };
  }

  #shortened() {
    const gaps = this.idle;
    const idle = gaps.reduce((sum, [from, to]) => sum + to - from, 0);
    const each = Math.min(GAP_WIDTH, GAPS_WIDTH / gaps.length);
    const perSecond = (1 - each * gaps.length) / Math.max(1e-6, this.to - this.from - idle);
    const pieces = [];
    let left = 0;
    const add = (from, to, width, isIdle) => {
      pieces.push({ from, to, left, width, idle: isIdle });
      left += width;
    };
    let at = this.from;
    for (const [from, to] of gaps) {
      if (from > at) add(at, from, (from - at) * perSecond, false);
      add(from, to, each, true);
      at = to;
    }
    if (this.to > at) add(at, this.to, (this.to - at) * perSecond, false);
    return pieces;
  }
}

function idleGaps(busy, from, to, atLeast) {
  const gaps = [];
  let end = from;
  for (const [begin, until] of [...busy, [to, to]]) {
    if (begin - end > atLeast) gaps.push([end, begin]);
    end = Math.max(end, until);
  }
  const idle = gaps.reduce((sum, gap) => sum + gap[1] - gap[0], 0);
  // Where most of the time is busy there is nothing to gain, and where all of it is idle
  // nothing to show beside the gap.
  return idle > (to - from) * MOSTLY && idle < (to - from) * 0.9999999 ? gaps : [];
}

// `2.5 s`, `1:02:03.25`: as exact as the marks are apart.
function offsetLabel(offset, step) {
  const decimals = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step) - 1e-9));
  const exact = Number(offset.toFixed(3));
  if (exact === 0) return "0";
  if (exact < 1 && step < 1) return `${Math.round(exact * 1000)} ms`;
  if (exact < 60) return `${exact.toFixed(decimals)} s`;
  const days = Math.floor(exact / 86400);
  const hours = Math.floor((exact % 86400) / 3600);
  const minutes = Math.floor((exact % 3600) / 60);
  const seconds = (exact % 60).toFixed(decimals).padStart(decimals ? decimals + 3 : 2, "0");
  const clock = hours || days ? `${hours}:${String(minutes).padStart(2, "0")}` : `${minutes}`;
  return `${days ? `${days} d ` : ""}${clock}:${seconds}`;
}
