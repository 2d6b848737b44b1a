// The functions of workflow.mjs at a Lambda-shaped endpoint. It prints its URL, and reads
// that of the service, which must be known when the SDK makes its client.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

const INVOKED = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(\?.*)?$/;
const SECONDS = 60;

let functions = {};

const invoke = async (name, event, requestId) => {
  const deadline = Date.now() + SECONDS * 1000;
  const context = {
    awsRequestId: requestId,
    functionName: name,
    functionVersion: "$LATEST",
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  try {
    return [{}, (await functions[name](event, context)) ?? null];
  } catch (error) {
    const answer = { errorType: error.name, errorMessage: error.message };
    return [{ "X-Amz-Function-Error": "Unhandled" }, answer];
  }
};

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const name = decodeURIComponent(INVOKED.exec(request.url)?.[1] ?? "").split(":")[0];
  if (!Object.hasOwn(functions, name)) {
    response.writeHead(404, { "X-Amzn-ErrorType": "ResourceNotFoundException" });
    response.end(JSON.stringify({ Message: `Function not found: ${name}` }));
    return;
  }
  const requestId = randomUUID();
  const event = JSON.parse(Buffer.concat(chunks).toString() || "null");
  const [headers, answer] = await invoke(name, event, requestId);
  response.writeHead(200, { "x-amzn-RequestId": requestId, ...headers });
  response.end(JSON.stringify(answer));
});

server.listen(0, "127.0.0.1", async () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
  const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
  process.env.AWS_ENDPOINT_URL_LAMBDA = (await lines.next()).value;
  ({ functions } = await import("./workflow.mjs"));
  console.log("ready");
});
