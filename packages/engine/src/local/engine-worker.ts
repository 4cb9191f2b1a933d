import { parentPort } from "node:worker_threads";
import { EngineHost } from "./engine-host.ts";
import { type EngineReply, type EngineRequest, encodeError, STOP } from "./engine-messages.ts";

/**
 * The thread in which a base model lives: trainer, optimizer and sampler share its typed arrays here, and the runtime's
 * blocking `run()` stalls this thread only. Requests are done strictly in the order in which they arrive.
 */
const port = parentPort;
if (port === null) throw new Error("engine-worker runs inside a worker thread; use LocalEngine.open");

const host = new EngineHost();
let last: Promise<void> = Promise.resolve();

port.on("message", (request: EngineRequest | typeof STOP) => {
  // Messages arrive between two runs of the runtime, where the thread may end.
  if (request === STOP) process.exit();
  last = last.then(async () => {
    let reply: EngineReply;
    try {
      reply = { id: request.id, value: await host.handle(request.call) };
    } catch (error) {
      reply = { id: request.id, error: encodeError(error) };
    }
    port.postMessage(reply);
  });
});
