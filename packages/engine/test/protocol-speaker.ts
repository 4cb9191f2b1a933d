import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ProtocolServer, type ProtocolServerOptions } from "@armature/tinker/server";
import { afterAll } from "vitest";
import { LocalBackend } from "../src/serve/local-backend.ts";

export const NANO_POLICY = fileURLToPath(new URL("../../../models/nano-policy", import.meta.url));

/** A server under test and the plainest of clients: one request at a time, the protocol's JSON as it stands. */
export class Speaker {
  readonly server: ProtocolServer;
  readonly folder: string;
  readonly headers: Record<string, string> = {};

  constructor(server: ProtocolServer, folder: string) {
    this.server = server;
    this.folder = folder;
  }

  async fetch(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const binary = body instanceof Uint8Array;
    return fetch(`${this.server.url}${path}`, {
      method,
      redirect: "manual",
      headers: {
        ...(body !== undefined && !binary && { "content-type": "application/json" }),
        ...this.headers,
        ...headers,
      },
      ...(body !== undefined && { body: binary ? Buffer.from(body) : JSON.stringify(body) }),
    });
  }

  /** Status and JSON of an answer. */
  async ask(method: string, path: string, body?: unknown, headers?: Record<string, string>) {
    const response = await this.fetch(method, path, body, headers);
    const text = await response.text();
    return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
  }

  /** Submits a request of `/api/v1`; the result is the id of its future. */
  async submit(name: string, body: object, headers?: Record<string, string>): Promise<string> {
    const { status, json } = await this.ask("POST", `/api/v1/${name}`, body, headers);
    if (status !== 200) throw new Error(`${name}: ${status} ${JSON.stringify(json)}`);
    return json.request_id;
  }

  /** The result of a future, polled until it is there. */
  async result(requestId: string) {
    for (;;) {
      const poll = await this.ask("POST", "/api/v1/retrieve_future", { request_id: requestId });
      if (poll.status !== 408) return poll.json;
    }
  }

  async done(name: string, body: object) {
    return this.result(await this.submit(name, body));
  }

  async session(): Promise<string> {
    return (await this.ask("POST", "/api/v1/create_session", { sdk_version: "0.24.1" })).json.session_id;
  }

  async model(sessionId: string, settings: object = {}): Promise<string> {
    const { error, model_id } = await this.done("create_model", {
      session_id: sessionId,
      model_seq_id: 0,
      base_model: "nano-policy",
      lora_config: { rank: 4, seed: 1 },
      ...settings,
    });
    if (error) throw new Error(error);
    return model_id;
  }
}

const open: Speaker[] = [];
afterAll(async () => {
  for (const { folder, server } of open.splice(0)) {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** A server over models/nano-policy on a free port, closed after the tests of the file. */
export async function startServer(
  options: Partial<ProtocolServerOptions> = {},
  path = NANO_POLICY,
): Promise<Speaker> {
  const folder = mkdtempSync(join(tmpdir(), "armature-server-"));
  const backend = await LocalBackend.open([{ path, name: "nano-policy" }], { threads: 1 });
  const server = await ProtocolServer.start(backend, { checkpoints: folder, ...options });
  const speaker = new Speaker(server, folder);
  open.push(speaker);
  return speaker;
}

/** A datum of cross-entropy in the protocol's JSON. */
export const datumJson = (tokens: readonly number[], weights: readonly number[]) => ({
  model_input: { chunks: [{ type: "encoded_text", tokens: tokens.slice(0, -1) }] },
  loss_fn_inputs: {
    target_tokens: { data: tokens.slice(1), dtype: "int64", shape: [tokens.length - 1] },
    weights: { data: weights, dtype: "float32", shape: [weights.length] },
  },
});

/** A `forward_backward` of cross-entropy. */
export const gradient = (
  modelId: string,
  seqId: number,
  data: readonly object[],
  loss = "cross_entropy",
) => ({
  model_id: modelId,
  seq_id: seqId,
  forward_backward_input: { data, loss_fn: loss },
});

/** An `optim_step`. */
export const step = (modelId: string, seqId: number, learningRate = 0.01) => ({
  model_id: modelId,
  seq_id: seqId,
  adam_params: { learning_rate: learningRate, eps: 1e-8 },
});
