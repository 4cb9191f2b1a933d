import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { TinkerError } from "@armature/tinker";
import {
  decodeError,
  type EngineReply,
  type MethodName,
  type Params,
  type Result,
  STOP,
} from "./engine-messages.ts";

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Calls to one engine thread. Calls are answered in the order in which they were made. */
export class WorkerChannel {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #closed: Error | undefined;
  readonly #exited: Promise<void>;

  constructor() {
    this.#worker = startWorker();
    this.#exited = new Promise((resolve) => this.#worker.once("exit", () => resolve()));
    // An idle engine must not keep the process alive.
    this.#worker.unref();
    this.#worker.on("message", (reply: EngineReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      // While it closes, the thread is waited for.
      if (this.#waiting.size === 0 && !this.#closed) this.#worker.unref();
      if ("error" in reply) waiting?.reject(decodeError(reply.error));
      else waiting?.resolve(reply.value as never);
    });
    this.#worker.on("error", (error) =>
      this.#fail(new TinkerError("server", `the engine thread died: ${error.message}`, { cause: error })),
    );
    this.#worker.on("exit", () => this.#fail(new TinkerError("server", "the engine is closed")));
  }

  call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = this.#nextId++;
    this.#worker.ref();
    return new Promise<Result<M>>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, call: { method, params } });
    });
  }

  /** Rejects the calls under way; resolves when the thread has ended, which it does after the run that it is in. */
  async close(): Promise<void> {
    this.#fail(new TinkerError("cancelled", "the engine was closed"));
    this.#worker.ref();
    // Not terminate(): it breaks off a run of the runtime, which then ends the whole process.
    this.#worker.postMessage(STOP);
    await this.#exited;
  }

  #fail(error: Error): void {
    this.#closed ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** A built package runs the JavaScript beside this file; from source the thread first registers a TypeScript loader. */
function startWorker(): Worker {
  if (!import.meta.url.endsWith(".ts")) return new Worker(new URL("./engine-worker.js", import.meta.url));
  const entry = new URL("./engine-worker.ts", import.meta.url).href;
  const loader = pathToFileURL(
    createRequire(import.meta.url)
      .resolve("tsx/esm/api")
      .replace(/\.cjs$/, ".mjs"),
  );
  const start = `import("${loader.href}").then((tsx) => { tsx.register(); return import("${entry}"); });`;
  return new Worker(start, { eval: true, execArgv: ["--conditions=armature-source"] });
}
