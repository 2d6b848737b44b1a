// One row of the timeline: what the operation is, and its bars.

import { noteText, tookText } from "./bars.js";
import { el, replace, say } from "./dom.js";
import { labelOf, statusOf } from "./history.js";
import { kindOf, sign, signOf, wordOf } from "./words.js";

const DEEPEST = 14; // levels that are still indented

export class OperationRow {
  constructor(operation) {
    this.operation = operation;
    this.shown = {};
    this.twist = el("span", { class: "twist" });
    this.sign = el("span", { class: "state" });
    const kind = kindOf(operation);
    this.count = el("span", { class: "count" });
    this.took = el("div", { class: "took" });
    const cell = el(
      "div",
      { class: "cell" },
      this.twist,
      this.sign,
      el("span", { class: "label" }, labelOf(operation, kind)),
      operation.name === null ? null : el("span", { class: "kind" }, kind),
      this.count,
    );
    cell.style.setProperty("padding-left", `${4 + Math.min(operation.level - 1, DEEPEST) * 16}px`);
    this.track = el("div", { class: "track" });
    const attributes = {
      class: "row",
      role: "treeitem",
      id: `operation-${operation.id}`,
      "data-id": operation.id,
      "aria-level": operation.level,
    };
    this.node = el("div", attributes, cell, this.took, this.track);
  }

  /** Show it as it is now. */
  tell({ top, open, selected, focused, over, end, bars }) {
    const { operation, node, shown } = this;
    if (shown.top !== top) node.style.setProperty("transform", `translateY(${top}px)`);
    const children = operation.children.length;
    const status = statusOf(operation, over);
    if (shown.status !== status) replace(this.sign, signOf(status));
    if (children && shown.open !== open) {
      replace(this.twist, sign("right"));
      node.setAttribute("aria-expanded", open);
    }
    if (shown.selected !== selected) node.setAttribute("aria-selected", selected);
    if (shown.focused !== focused) node.classList.toggle("focused", focused);
    say(this.count, children && !open ? countText(operation, over) : noteText(operation, over));
    const took = tookText(operation, end, over);
    say(this.took, took);
    replace(this.track, bars);
    const name = [
      labelOf(operation, kindOf(operation)),
      kindOf(operation),
      wordOf(status),
      took,
    ].join(", ");
    if (shown.name !== name) node.setAttribute("aria-label", name);
    this.shown = { top, open, selected, focused, status, name };
  }
}

// What a closed branch holds: `50 · 2 failed`.
function countText(operation, over) {
  let failed = 0;
  let open = 0;
  for (const child of operation.children) {
    const status = statusOf(child, over);
    if (status === "FAILED" || status === "TIMED_OUT") failed += 1;
    else if (child.ended === null && !over) open += 1;
  }
  const parts = [`${operation.children.length.toLocaleString()} inside`];
  if (failed) parts.push(`${failed} failed`);
  if (open) parts.push(`${open} open`);
  return parts.join(" · ");
}
