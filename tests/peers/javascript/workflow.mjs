// Durable functions on AWS's own SDK for JavaScript, as a user writes them.
import { withDurableExecution } from "@aws/durable-execution-sdk-js";

const tellNobody = async () => {}; // The test finds the callback in the history.

const workflow = async (event, context) => {
  const greeting = await context.step("greet", async () => `hello ${event.name}`);
  await context.wait("nap", { seconds: 1 });
  const [answer, callbackId] = await context.createCallback("direct", { timeout: { minutes: 5 } });
  const announced = await context.step("announce", async () => callbackId);
  const direct = await answer;
  const approval = await context.waitForCallback("approval", tellNobody);
  const doubled = await context.invoke("durable", "double", event.number);
  const stamped = await context.invoke("plain", "stamp", { a: 1 });
  const squares = await context.map("squares", [1, 2, 3], async (child, item) => {
    await child.wait({ seconds: 1 });
    return child.step("square", async () => item * item);
  });
  return {
    greeting,
    announced: announced === callbackId,
    direct,
    approval,
    doubled,
    stamped,
    squares: squares.getResults(),
  };
};

const refused = async (event, context) => {
  const reasons = [];
  try {
    await context.invoke("durable", "fail", null);
  } catch (error) {
    reasons.push(error.message);
  }
  try {
    await context.waitForCallback("approval", tellNobody);
  } catch (error) {
    reasons.push(error.message);
  }
  return reasons;
};

const double = (event, context) => context.step("double", async () => event * 2);

const fail = async () => {
  throw new RangeError("no mugs");
};

export const functions = {
  workflow: withDurableExecution(workflow),
  refused: withDurableExecution(refused),
  double: withDurableExecution(double),
  fail: withDurableExecution(fail),
  stamp: async (event) => ({ stamped: event }),
};
