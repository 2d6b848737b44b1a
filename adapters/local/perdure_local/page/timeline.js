// The timeline: a row for each operation, of which only those in view are in the document.

import { bar, barsOf, place } from "./bars.js";
import { el, replace, say } from "./dom.js";
import { INVOCATIONS } from "./invocations.js";
import { OperationRow } from "./operation_row.js";
import { Rows } from "./rows.js";
import { Timescale, busySpans } from "./timescale.js";
import { timelineTools } from "./timeline_tools.js";
import { now } from "./times.js";

const SPARE_ROWS = 8; // above and below what is in view
const NARROW = "(max-width: 720px)"; // as in timeline.css, and so are these heights, in pixels
const NARROW_ROW = 46;
const ROW = 30;

export class Timeline {
  /** `choose` is called with the id of the operation that somebody wants to see. */
  constructor(choose, signal) {
    this.choose = choose;
    this.rows = new Rows();
    this.history = null;
    this.over = false;
    this.shorten = true;
    this.window = [0, 1];
    this.list = [];
    this.drawn = new Map(); // id: its OperationRow
    this.focused = null;
    this.selected = null;
    this.version = 0; // of what the rows show

    this.tools = timelineTools(this);
    this.axis = el("div", { class: "track axis", onpointerdown: (event) => this.#drag(event) });
    this.lane = el("div", { class: "track" });
    const took = el("div", { class: "took" }, "Took");
    const show = () => this.choose(INVOCATIONS);
    const label = el(
      "div",
      { class: "cell" },
      el("button", { class: "plain", onclick: show }, "Invocations"),
    );
    this.head = el(
      "div",
      { class: "head" },
      el("div", { class: "row" }, el("div", { class: "cell quiet" }, "Operation"), took, this.axis),
      el("div", { class: "row lane" }, label, el("div", { class: "took" }), this.lane),
    );
    this.lines = el("div", { class: "track lines", "aria-hidden": "true" });
    this.body = el("div", {
      class: "body",
      role: "tree",
      tabindex: 0,
      "aria-label": "Operations",
      onkeydown: (event) => this.#key(event),
      onclick: (event) => this.#click(event),
      ondblclick: () => this.zoomTo(this.focused),
      onfocus: () => this.#focus(this.focused ?? this.list[0]?.id, false),
    });
    this.none = el("p", { class: "quiet none" });
    this.node = el(
      "section",
      { class: "timeline", "aria-label": "Timeline" },
      this.tools.node,
      this.head,
      this.body,
      this.none,
    );
    let asked = false;
    const later = () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        this.drawRows();
      });
    };
    window.addEventListener("scroll", later, { passive: true, signal });
    const watching = new ResizeObserver(() => this.draw());
    watching.observe(this.axis);
    signal.addEventListener("abort", () => watching.disconnect());
  }

  /** Show a history as it is now; call it again when it has grown. */
  show(history, over) {
    this.history = history;
    this.over = over;
    this.relist();
  }

  /** Find out anew which operations have rows. */
  relist() {
    if (!this.history) return;
    this.list = this.rows.list(this.history, this.over);
    this.places = null;
    const empty = this.list.length === 0;
    this.none.hidden = !empty;
    const none = this.over ? "It has no operations." : "No operation has begun yet.";
    say(this.none, this.rows.searching ? "No operation matches." : none);
    this.rescale();
  }

  /** Time has passed, or another part of it is looked at. */
  rescale() {
    if (!this.history || this.history.began === null) return;
    const { history, over } = this;
    this.end = history.until(now());
    if (!over || this.busyUntil !== history.last) {
      this.busy = busySpans(spansOf(history, this.end));
      this.busyUntil = history.last;
    }
    this.scale = new Timescale(history.began, this.end, this.busy, this.shorten);
    this.scale.window = this.window;
    this.tools.tell();
    this.draw();
  }

  /** Look at a part of what is in view, from 0 to 1. Beyond that it zooms out. */
  zoom(from, to) {
    this.scale.zoom(from, to);
    let [left, right] = this.scale.window;
    const width = Math.min(1, Math.max(1e-7, right - left));
    left = Math.min(Math.max(0, left), 1 - width);
    this.window = [left, left + width];
    this.rescale();
  }

  /** Look at the time of one operation. */
  zoomTo(id) {
    const operation = this.history?.operations.get(id);
    if (!operation) return;
    const from = this.scale.at(operation.began);
    const to = this.scale.at(operation.ended ?? this.end);
    const margin = Math.max(0.08 * (to - from), 0.001);
    this.zoom(from - margin, to + margin);
  }

  /** Mark an operation as the one whose details are shown; null marks none. */
  select(id, reveal = false) {
    const operation = this.history?.operations.get(id);
    this.selected = operation ? id : null;
    if (operation && reveal) {
      this.rows.reveal(operation);
      this.relist();
      this.#focus(id);
    } else this.draw();
  }

  // Drawing

  /** Draw all anew that is in view. */
  draw() {
    if (!this.scale) return;
    this.version += 1;
    this.height = window.matchMedia(NARROW).matches ? NARROW_ROW : ROW;
    this.#drawAxis();
    this.body.style.setProperty("height", `${this.list.length * this.height}px`);
    this.drawRows();
  }

  /** Draw the rows that have come into view. */
  drawRows() {
    if (!this.scale) return;
    const top = this.body.getBoundingClientRect().top;
    const from = Math.max(0, Math.floor(-top / this.height) - SPARE_ROWS);
    const count = Math.ceil(window.innerHeight / this.height) + 2 * SPARE_ROWS;
    const inView = this.list.slice(from, from + count);
    const wanted = new Set(inView.map((operation) => operation.id));
    for (const [id, row] of this.drawn) {
      if (wanted.has(id)) continue;
      row.node.remove();
      this.drawn.delete(id);
    }
    inView.forEach((operation, index) => this.#drawRow(operation, from + index));
    if (this.lines.parentNode !== this.body) this.body.prepend(this.lines);
  }

  #drawRow(operation, index) {
    let row = this.drawn.get(operation.id);
    if (!row) {
      row = new OperationRow(operation);
      this.drawn.set(operation.id, row);
      this.body.append(row.node);
    }
    if (row.version === this.version) return;
    row.version = this.version;
    row.tell({
      top: index * this.height,
      open: this.rows.isOpen(operation),
      selected: operation.id === this.selected,
      focused: operation.id === this.focused,
      over: this.over,
      end: this.end,
      bars: barsOf(operation, this.scale, this.end, this.over),
    });
  }

  #drawAxis() {
    const width = this.axis.clientWidth;
    const { marks, gaps } = this.scale.marks(width);
    const at = (node, share) => {
      node.style.setProperty("left", `${(share * 100).toFixed(4)}%`);
      return node;
    };
    const shades = () =>
      gaps.map((gap) => {
        const shade = el("div", { class: "gap" });
        place(shade, Math.max(0, gap.from), Math.min(1, gap.to));
        return shade;
      });
    const labels = shades();
    gaps.forEach((gap, index) =>
      labels[index].append(el("span", { title: `${gap.label} when nothing ran` }, gap.label)),
    );
    replace(
      this.axis,
      labels,
      marks.map((mark) => at(el("span", { class: "mark" }, mark.label), mark.at)),
    );
    replace(
      this.lines,
      shades(),
      marks.map((mark) => at(el("div", { class: "line" }), mark.at)),
    );
    const bars = this.history.invocations.map((each) =>
      bar(this.scale, each.began, each.ended, each.failed ? "invocation bad" : "invocation"),
    );
    const { working } = this.history;
    if (working !== null) bars.push(bar(this.scale, working, this.end, "invocation open"));
    const pauses = this.history.pauses.map((each) =>
      bar(this.scale, each.began, each.ended ?? this.end, "paused"),
    );
    replace(this.lane, shades(), pauses, bars);
  }

  // What people do

  #click(event) {
    const node = event.target.closest("[data-id]");
    if (!node) return;
    const operation = this.history.operations.get(node.dataset.id);
    this.#focus(operation.id, false);
    if (event.target.closest(".twist")) this.#toggle(operation);
    else this.choose(operation.id);
  }

  #toggle(operation, open) {
    if (!operation.children.length) return;
    this.rows.toggle(operation, open);
    this.relist();
  }

  #key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const operation = this.history?.operations.get(this.focused) ?? this.list[0];
    if (!operation) return;
    const index = this.#places().get(operation.id) ?? 0;
    const page = Math.floor(window.innerHeight / this.height) - 4;
    const isOpen = operation.children.length > 0 && this.rows.isOpen(operation);
    const steps = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: this.list.length - 1,
    };
    if (event.key in steps) this.#focusAt(steps[event.key]);
    else if (event.key === "ArrowRight")
      isOpen ? this.#focusAt(index + 1) : this.#toggle(operation, true);
    else if (event.key === "ArrowLeft") {
      if (isOpen) this.#toggle(operation, false);
      else if (operation.parent) this.#focus(operation.parent.id);
    } else if (event.key === "Enter" || event.key === " ") this.choose(operation.id);
    else if (event.key === "+") this.zoom(0.25, 0.75);
    else if (event.key === "-") this.zoom(-0.5, 1.5);
    else if (event.key === "z") this.zoomTo(operation.id);
    else if (event.key === "0") this.zoom(-Infinity, Infinity);
    else return;
    event.preventDefault();
  }

  #places() {
    this.places ??= new Map(this.list.map((operation, index) => [operation.id, index]));
    return this.places;
  }

  #focusAt(index) {
    this.#focus(this.list[Math.min(this.list.length - 1, Math.max(0, index))].id);
  }

  #focus(id, scroll = true) {
    if (id === undefined) return;
    this.focused = id;
    if (scroll) this.#scrollTo(this.#places().get(id) ?? 0);
    this.draw();
    this.body.setAttribute("aria-activedescendant", `operation-${id}`);
  }

  #scrollTo(index) {
    const { height } = this;
    const top = this.body.getBoundingClientRect().top + index * height;
    const above = this.head.getBoundingClientRect().bottom;
    const below = window.innerHeight - 12;
    if (top < above) window.scrollBy(0, top - above);
    else if (top + height > below) window.scrollBy(0, top + height - below);
  }

  // Drawing a span on the axis looks closer at it.
  #drag(event) {
    if (event.button !== 0 || !this.scale) return;
    const box = this.axis.getBoundingClientRect();
    const share = (each) => Math.min(1, Math.max(0, (each.clientX - box.left) / box.width));
    const start = share(event);
    const span = el("div", { class: "span" });
    const end = new AbortController();
    this.axis.setPointerCapture(event.pointerId);
    const moved = (each) => {
      place(span, Math.min(start, share(each)), Math.max(start, share(each)));
      if (!span.isConnected) this.axis.append(span);
    };
    const released = (each) => {
      end.abort();
      span.remove();
      const [from, to] = [Math.min(start, share(each)), Math.max(start, share(each))];
      if ((to - from) * box.width > 6) this.zoom(from, to);
    };
    this.axis.addEventListener("pointermove", moved, { signal: end.signal });
    this.axis.addEventListener("pointerup", released, { signal: end.signal });
    this.axis.addEventListener("pointercancel", () => end.abort(), { signal: end.signal });
  }
}

// When something ran. What is open runs until `end`.
function spansOf(history, end) {
  const spans = history.times.map((time) => [time, time]);
  for (const each of history.invocations) spans.push([each.began, each.ended]);
  if (history.working !== null) spans.push([history.working, end]);
  for (const operation of history.operations.values()) {
    for (const attempt of operation.attempts) spans.push([attempt.began, attempt.ended ?? end]);
  }
  return spans;
}
