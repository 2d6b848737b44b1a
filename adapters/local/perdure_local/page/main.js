// The page: what the address asks for is shown, until it asks for something else.

import * as address from "./address.js";
import { el, replace } from "./dom.js";
import { showExecution } from "./execution.js";
import { showList } from "./list.js";
import { askForToken } from "./token.js";

const main = document.getElementById("main");
const place = document.getElementById("place");
let shown = null;

function show() {
  const wanted = address.read();
  const what = wanted.view === "list" ? "list" : wanted.arn;
  if (shown?.what === what) return shown.moved?.(wanted.query);
  shown?.end.abort();
  const end = new AbortController();
  shown = { what, end };
  window.scrollTo(0, 0);
  const view = wanted.view === "list" ? showList : showExecution;
  const mount = { main, query: wanted.query, arn: wanted.arn, signal: end.signal, refused };
  shown.moved = view(mount);
  tellPlace(wanted.arn);
}

function tellPlace(arn) {
  const here = { "aria-current": "page" };
  const all = el("a", { href: "#/", ...(arn ? {} : here) }, "Executions");
  const items = [el("li", {}, all)];
  if (arn) items.push(el("li", {}, el("span", here, address.namesIn(arn).name || arn)));
  replace(place, items);
  document.title = arn ? `${address.namesIn(arn).name} · perdure` : "Executions · perdure";
}

// What a view cannot show, because the service refuses to tell.
function refused(error) {
  if (error.code === "UnrecognizedClientException") return askForToken(() => again());
  const back = el("a", { class: "button", href: "#/" }, "All executions");
  const unsigned = error.code === "MissingAuthenticationTokenException";
  const title = unsigned
    ? "This service wants signed requests"
    : error.status === 404
      ? "There is no such execution"
      : "The service refused";
  const why = unsigned
    ? "It runs with --verify-signatures, and a page has no keys to sign with."
    : error.message;
  replace(
    main,
    el("div", { class: "empty" }, el("h1", {}, title), el("p", {}, why), unsigned ? null : back),
  );
}

function again() {
  shown = null;
  show();
}

// What is behind the # is the address here, so a link inside the page has to be followed by hand.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", show);
show();
