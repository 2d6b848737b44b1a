// One execution: its head, its timeline, and the details of one operation. Live.

import { executionAddress, rewrite } from "./address.js";
import { Details } from "./details.js";
import { el, replace, say } from "./dom.js";
import { ExecutionHead } from "./execution_head.js";
import { History } from "./history.js";
import { INVOCATIONS } from "./invocations.js";
import { follow } from "./live.js";
import { events, execution } from "./service.js";
import { Timeline } from "./timeline.js";
import { isOver } from "./words.js";

const PAGE = 1000;
const BIG = 2000; // operations; from then on the clock ticks more slowly

/** Show an execution until the signal is aborted. Returns what takes a new query. */
export function showExecution({ main, arn, query, signal, refused }) {
  const history = new History();
  const head = new ExecutionHead(arn);
  const timeline = new Timeline(choose, signal);
  const details = new Details({
    arn,
    history,
    close: () => choose(null),
    zoomTo: (id) => timeline.zoomTo(id),
    signal,
  });
  const loading = el("p", { class: "quiet none" }, "Loading…");
  let chosen = query.get("operation");
  let over = false;
  let known = null; // the description; with its input from the first on

  replace(
    main,
    el(
      "article",
      { class: "execution" },
      head.node,
      el("div", { class: "panes" }, timeline.node, details.node),
    ),
  );
  timeline.node.append(loading);
  follow(
    () => ({ DurableExecutionArn: arn, After: history.last || null }),
    receive,
    refused,
    signal,
  );

  let ticked = 0;
  const ticking = setInterval(() => {
    const pause = history.operations.size > BIG ? 1000 : 200;
    if (over || history.began === null || Date.now() - ticked < pause) return;
    ticked = Date.now();
    timeline.rescale();
    head.tick();
  }, 100);
  signal.addEventListener("abort", () => clearInterval(ticking));

  async function receive(news) {
    await describe();
    while (history.last < news.Last) {
      const page = await events(
        arn,
        { first: history.last + 1, count: PAGE, withData: false },
        signal,
      );
      for (const event of page.Events) history.receive(event);
      if (history.last < news.Last) {
        say(
          loading,
          `Loading… ${history.last.toLocaleString()} of ${news.Last.toLocaleString()} events`,
        );
      }
    }
    loading.remove();
    // It may have ended since it was described.
    if (!over && history.ended !== null) await describe();
    tell();
  }

  // Input and outcome may be large: they are asked for once each.
  async function describe() {
    const first = known === null;
    let latest = await execution(arn, first, signal);
    if (!first) {
      const ended = !over && isOver(latest.Status);
      latest = ended ? await execution(arn, true, signal) : { ...known, ...latest };
    }
    known = latest;
    over = isOver(known.Status);
    head.tell(known, history);
  }

  function tell() {
    head.tell(known, history);
    timeline.show(history, over);
    if (history.operations.has(chosen) && chosen !== timeline.selected)
      timeline.select(chosen, true);
    tellDetails();
  }

  function tellDetails() {
    if (chosen === INVOCATIONS) details.showInvocations(history);
    else details.show(history.operations.get(chosen) ?? null, over);
  }

  function choose(id) {
    chosen = id;
    rewrite(executionAddress(arn, { operation: id }));
    timeline.select(id);
    tellDetails();
    if (id === null) timeline.body.focus({ preventScroll: true });
  }

  return (changed) => {
    chosen = changed.get("operation");
    if (known) tell();
  };
}
