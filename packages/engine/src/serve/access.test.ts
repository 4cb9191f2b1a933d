import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { ProtocolServer } from "@armature/tinker/server";
import { beforeAll, describe, expect, it } from "vitest";
import { NANO_POLICY, type Speaker, startServer } from "../../test/protocol-speaker.ts";
import { LocalBackend } from "./local-backend.ts";

/** A busy machine takes long to start a thread. */
const STARTING = 120_000;

let keyed: Speaker;
let open: Speaker;
beforeAll(async () => {
  keyed = await startServer({ apiKey: "tml-right", bodyLimit: 1000 });
  open = await startServer({ limits: { futures: { pending: 1 } } });
}, STARTING);

describe("access to a server", () => {
  it("asks for the key in either header, but for its health", async () => {
    const config = (headers: Record<string, string>) =>
      keyed.ask("POST", "/api/v1/client/config", {}, headers);
    expect((await config({})).status).toBe(401);
    expect((await config({ "x-api-key": "tml-wrong" })).status).toBe(401);
    expect((await config({ "x-api-key": "tml-right" })).status).toBe(200);
    expect((await config({ authorization: "Bearer tml-right" })).status).toBe(200);
    expect((await keyed.ask("GET", "/v1/models")).json.error.message).toBe("the API key is missing or wrong");
    expect((await keyed.ask("GET", "/api/v1/healthz")).status).toBe(200);
  });

  it.each([
    ["a long body", "x".repeat(2000), {}, 413],
    ["a body that unpacks to a long one", gzipSync("x".repeat(5000)), { "content-encoding": "gzip" }, 400],
    ["an unknown packing", "{}", { "content-encoding": "lzma" }, 400],
    ["text", "{}", { "content-type": "text/plain" }, 415],
    ["no JSON", "{", {}, 400],
  ])("refuses %s", async (_, body, headers, status) => {
    const answer = await fetch(`${keyed.server.url}/api/v1/create_session`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "tml-right", ...headers },
      body,
    });
    expect(answer.status).toBe(status);
    expect(((await answer.json()) as { detail: string }).detail).not.toBe("");
  });

  it("names what is there where a path or a method is not", async () => {
    expect(await open.ask("GET", "/api/v1/nothing")).toMatchObject({ status: 404 });
    const wrong = await open.ask("GET", "/api/v1/asample");
    expect(wrong).toMatchObject({ status: 405, json: { detail: "/api/v1/asample takes POST, not GET" } });
  });

  it("answers no page that came through another name of this machine", async () => {
    const { port } = new URL(open.server.url);
    const status = await new Promise((resolve, reject) => {
      const headers = { host: "evil.example:80" };
      request({ port, host: "127.0.0.1", path: "/api/v1/healthz", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it("does not listen for other machines without a key, nor on a port in use", async () => {
    const start = async (options: object) =>
      ProtocolServer.start(await LocalBackend.open([{ path: NANO_POLICY }], { threads: 1 }), {
        checkpoints: open.folder,
        ...options,
      });
    await expect(start({ host: "0.0.0.0" })).rejects.toThrow(
      "host 0.0.0.0 can be reached from other machines",
    );
    const port = Number(new URL(open.server.url).port);
    await expect(start({ port })).rejects.toThrow(`port ${port} of 127.0.0.1 is in use`);
  });

  it("ends a session of which nothing is heard, and its models", async () => {
    const brief = await startServer({ limits: { sessionMs: 1500 } });
    const session = await brief.session();
    const beat = () => brief.ask("POST", "/api/v1/session_heartbeat", { session_id: session });
    const heart = setInterval(() => void beat(), 100);
    const model = await brief.model(session);
    clearInterval(heart);
    expect((await beat()).status).toBe(200);
    const runs = async () => (await brief.ask("GET", "/api/v1/training_runs")).json.training_runs.length;
    expect(await runs()).toBe(1);
    await expect.poll(runs, { timeout: 30_000 }).toBe(0);
    expect((await beat()).status).toBe(404);
    const step = { model_id: model, seq_id: 1, adam_params: {} };
    const late = await brief.ask("POST", "/api/v1/optim_step", step);
    expect(late.json.detail).toContain("create a model and load from a checkpoint");
  });

  it("takes no more requests than it may have under way", async () => {
    const session = await open.session();
    const model = await open.model(session);
    const waiting = { model_id: model, seq_id: 2, adam_params: {} };
    await open.submit("optim_step", waiting);
    const refused = await open.ask("POST", "/api/v1/optim_step", { ...waiting, seq_id: 3 });
    expect(refused).toMatchObject({ status: 429, json: { detail: expect.stringContaining("under way") } });
  });

  it("stops while polls are held, which end with 'try again'", async () => {
    const server = await startServer();
    const model = await server.model(await server.session());
    const id = await server.submit("optim_step", { model_id: model, seq_id: 2, adam_params: {} });
    const poll = server.ask("POST", "/api/v1/retrieve_future", { request_id: id });
    // Long enough for the poll to arrive; it would be held for 30 s.
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server.server.close();
    expect((await poll).json.type).toBe("try_again");
  });
});
