// News as it happens: one question is always waiting at the service, as long as anybody looks.

import { say } from "./dom.js";
import { Gone, Refused, changes } from "./service.js";
import { setNow } from "./times.js";

const PAUSE_MILLISECONDS = 150; // between two looks, when much happens at once
const LONGEST_PAUSE_MILLISECONDS = 4000; // while nobody answers

/**
 * Ask `question()` of the service again and again, and give each answer to `receive`.
 *
 * The first is answered at once, and so is every one that does not name the present state.
 * A refusal by the service goes to `refused`, and ends this; so does aborting the signal.
 */
export async function follow(question, receive, refused, signal) {
  let pause = PAUSE_MILLISECONDS;
  while (!signal.aborted) {
    try {
      const news = await changes(question(), signal);
      setNow(news.Now);
      await receive(news);
      online(true);
      pause = PAUSE_MILLISECONDS;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused) return refused(error);
      if (!(error instanceof Gone)) throw error;
      online(false);
      pause = Math.min(LONGEST_PAUSE_MILLISECONDS, pause * 2);
    }
    await sleep(pause);
    await seen(signal);
  }
}

/** Tell whether the service answers. */
export function online(answers) {
  const live = document.getElementById("live");
  const trouble = document.getElementById("trouble");
  live.className = answers ? "on" : "off";
  say(live, answers ? "Live" : "Offline");
  trouble.hidden = answers;
  say(trouble, answers ? "" : "The service does not answer. Trying again…");
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

// A browser keeps few connections to a host; a tab that nobody sees must not hold one.
function seen(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", resolve, { once: true, signal });
    signal.addEventListener("abort", resolve, { once: true });
  });
}
