// The list of executions: the newest first, live, with filters and pages.

import { executionAddress, listAddress, namesIn, rewrite } from "./address.js";
import { el, replace, say } from "./dom.js";
import { follow } from "./live.js";
import { executions, functions } from "./service.js";
import { openStart } from "./start.js";
import { ago, clock, duration, exact, now, soFar } from "./times.js";
import { EXECUTION_STATUSES, badge, isOver, sign, wordOf } from "./words.js";

const PAGE = 50;
const LOOK_MILLISECONDS = 5000;

/** Show the list until the signal is aborted. Returns what takes a new query. */
export function showList({ main, query, signal, refused }) {
  const filters = {
    function: query.get("function"),
    status: query.get("status"),
    name: query.get("name"),
  };
  let markers = []; // of the pages up to this one; none is the newest
  let known = [];
  let last;
  let latest = 0;
  let looked = 0;

  const which = el("select", {
    "aria-label": "Function",
    onchange: () => filter("function", which.value),
  });
  const status = el(
    "select",
    { "aria-label": "Status", onchange: () => filter("status", status.value) },
    el("option", { value: "" }, "Any status"),
    EXECUTION_STATUSES.map((each) => el("option", { value: each }, wordOf(each))),
  );
  const name = el("input", {
    type: "search",
    "aria-label": "Name contains",
    placeholder: "Name contains…",
    maxlength: 64,
    spellcheck: "false",
    oninput: () => filter("name", name.value),
  });
  const begin = el(
    "button",
    { class: "button main", onclick: openForm },
    sign("play"),
    "Start an execution",
  );
  const rows = el("tbody", { id: "executions" });
  const heads = ["Status", "Name", "Function", "Started", "Took"];
  const table = el(
    "table",
    { class: "executions", hidden: true },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        heads.map((each) => el("th", { scope: "col" }, each)),
      ),
    ),
    rows,
  );
  const empty = el("div", { class: "empty", hidden: true });
  const newer = el("button", { class: "button", onclick: () => turn(-1) }, sign("left"), "Newer");
  const older = el("button", { class: "button", onclick: () => turn(1) }, "Older", sign("right"));
  const pageNumber = el("span", { class: "quiet" });
  const pages = el(
    "nav",
    { class: "pages", "aria-label": "Pages", hidden: true },
    newer,
    pageNumber,
    older,
  );
  const shownRows = new Map(); // ARN: its row, so that what stays keeps its focus
  let next = null;

  replace(
    main,
    el(
      "div",
      { class: "toolbar" },
      el("h1", {}, "Executions"),
      el("div", { class: "filters", role: "search" }, name, which, status),
      begin,
    ),
    table,
    empty,
    pages,
  );
  takeFilters();
  const ticking = setInterval(() => shownRows.forEach(tell), 1000);
  signal.addEventListener("abort", () => clearInterval(ticking));
  follow(() => ({ After: last }), receive, refused, signal);

  async function receive(news) {
    await look();
    await load();
    last = news.Last;
  }

  // Which functions there are: seldom another answer, so it is not asked for each time.
  async function look() {
    if (Date.now() - looked < LOOK_MILLISECONDS) return;
    looked = Date.now();
    known = await functions(signal);
    tellFunctions();
  }

  async function load() {
    const mine = ++latest;
    const asked = {
      FunctionName: filters.function,
      Statuses: filters.status,
      NameContains: filters.name,
      Marker: markers.at(-1),
      MaxItems: PAGE,
    };
    const page = await executions(asked, signal);
    if (mine === latest) tellPage(page);
  }

  function reload() {
    load().catch((error) => signal.aborted || error.status === undefined || refused(error));
  }

  function tellFunctions() {
    const names = new Set(
      known.filter((each) => each.DurableConfig).map((each) => each.FunctionName),
    );
    if (filters.function) names.add(filters.function);
    const wanted = ["", ...names];
    const present = [...which.options].map((each) => each.value);
    if (JSON.stringify(wanted) !== JSON.stringify(present)) {
      replace(
        which,
        wanted.map((each) => el("option", { value: each }, each || "All functions")),
      );
      which.value = filters.function ?? "";
    }
    begin.disabled = names.size === 0;
  }

  function tellPage(page) {
    next = page.NextMarker ?? null;
    const wanted = page.DurableExecutions ?? [];
    const arns = new Set(wanted.map((each) => each.DurableExecutionArn));
    for (const [arn, row] of shownRows) {
      if (arns.has(arn)) continue;
      row.node.remove();
      shownRows.delete(arn);
    }
    wanted.forEach((execution, index) => {
      const arn = execution.DurableExecutionArn;
      const row = shownRows.get(arn) ?? rowOf(arn);
      shownRows.set(arn, row);
      row.execution = execution;
      tell(row);
      if (rows.children[index] !== row.node)
        rows.insertBefore(row.node, rows.children[index] ?? null);
    });
    table.hidden = wanted.length === 0;
    empty.hidden = wanted.length > 0;
    if (!wanted.length) tellEmpty();
    pages.hidden = markers.length === 0 && next === null;
    newer.disabled = markers.length === 0;
    older.disabled = next === null;
    say(pageNumber, `Page ${markers.length + 1}`);
  }

  function tellEmpty() {
    const filtered = filters.function || filters.status || filters.name;
    const title = filtered ? "No execution matches" : "No executions yet";
    const text = filtered
      ? "Other filters may show more."
      : "Start one here, with perdure start, or with any client of the API; it appears at once.";
    const clear = el("button", { class: "button", onclick: clearFilters }, "Clear the filters");
    replace(empty, el("h2", {}, title), el("p", {}, text), filtered ? clear : null);
  }

  function filter(member, value) {
    filters[member] = value || null;
    markers = [];
    rewrite(listAddress(filters));
    reload();
  }

  function clearFilters() {
    for (const member of Object.keys(filters)) filters[member] = null;
    takeFilters();
    filter("name", null);
  }

  function takeFilters() {
    tellFunctions();
    which.value = filters.function ?? "";
    status.value = filters.status ?? "";
    name.value = filters.name ?? "";
  }

  function turn(way) {
    if (way > 0) markers.push(next);
    else markers.pop();
    reload();
    window.scrollTo(0, 0);
  }

  function openForm() {
    openStart(known, filters.function);
  }

  return (changed) => {
    for (const member of Object.keys(filters)) filters[member] = changed.get(member);
    markers = [];
    takeFilters();
    reload();
  };
}

function rowOf(arn) {
  const names = namesIn(arn);
  const link = el("a", { class: "open", href: executionAddress(arn) }, names.name);
  const status = el("td", { class: "status" });
  const started = el("td", { class: "started" });
  const took = el("td", { class: "took" });
  const functionName = el("td", { class: "function" }, names.function);
  const version =
    names.version === "$LATEST" ? null : el("span", { class: "quiet" }, `:${names.version}`);
  if (version) functionName.append(version);
  const node = el("tr", {}, status, el("td", { class: "name" }, link), functionName, started, took);
  return { node, status, started, took, shown: null };
}

// The part of a row that changes.
function tell(row) {
  const { Status: status, StartTimestamp: started, EndTimestamp: ended } = row.execution;
  if (row.shown !== status) replace(row.status, badge(status));
  row.shown = status;
  say(row.started, `${clock(started)} · ${ago(started)}`);
  row.started.title = exact(started);
  const open = ended === undefined && !isOver(status);
  say(row.took, open ? soFar(now() - started) : duration((ended ?? started) - started));
  row.took.classList.toggle("open", open);
}
