// Which operations have a row: those in open branches, or those that a search finds.

import { statusOf } from "./history.js";
import { kindOf } from "./words.js";

const MANY = 200; // rows that may be open at first
const CROWD = 12; // children of one operation that may be, if there are many

/** Which branches are open, and what is looked for. */
export class Rows {
  constructor() {
    this.changed = new Map(); // id: open or not, where somebody said so
    this.text = "";
    this.state = ""; // "", "open" or "failed"
    this.many = false;
  }

  get searching() {
    return this.text !== "" || this.state !== "";
  }

  isOpen(operation) {
    if (this.searching) return true;
    return this.changed.get(operation.id) ?? !(this.many && operation.children.length > CROWD);
  }

  toggle(operation, open = !this.isOpen(operation)) {
    this.changed.set(operation.id, open);
  }

  /** Open or close all branches. */
  toggleAll(history, open) {
    for (const operation of history.operations.values()) {
      if (operation.children.length) this.changed.set(operation.id, open);
    }
  }

  /** Open what is above an operation, so that it has a row. */
  reveal(operation) {
    for (let each = operation.parent; each; each = each.parent) this.changed.set(each.id, true);
  }

  /** The operations that have a row, from top to bottom. */
  list(history, over) {
    this.many = history.operations.size > MANY;
    const wanted = this.searching ? this.#found(history, over) : null;
    const rows = [];
    // No recursion: branches may be deep.
    const left = history.roots.toReversed();
    while (left.length) {
      const operation = left.pop();
      if (wanted && !wanted.has(operation)) continue;
      rows.push(operation);
      if (!this.isOpen(operation)) continue;
      for (let i = operation.children.length - 1; i >= 0; i -= 1) left.push(operation.children[i]);
    }
    return rows;
  }

  // What matches, and what is above it.
  #found(history, over) {
    const wanted = new Set();
    const text = this.text.toLowerCase();
    for (const operation of history.operations.values()) {
      if (!this.#matches(operation, text, over)) continue;
      for (let each = operation; each && !wanted.has(each); each = each.parent) wanted.add(each);
    }
    return wanted;
  }

  #matches(operation, text, over) {
    const status = statusOf(operation, over);
    if (this.state === "open" && operation.ended !== null) return false;
    if (this.state === "failed" && !["FAILED", "TIMED_OUT", "STOPPED"].includes(status))
      return false;
    if (!text) return true;
    const words = `${operation.name ?? ""} ${kindOf(operation)} ${operation.id}`.toLowerCase();
    return words.includes(text);
  }
}
