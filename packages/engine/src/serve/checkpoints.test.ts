import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { datumJson, gradient, type Speaker, startServer, step } from "../../test/protocol-speaker.ts";

const DATA = [datumJson([1, 5, 6, 7, 8], [0, 0, 1, 1])];

/** A busy machine takes long to start a thread. */
const STARTING = 120_000;

let speaker: Speaker;
beforeAll(async () => {
  speaker = await startServer();
}, STARTING);

/** A model after one step, and the number of its next request. */
async function trained(sessionId: string) {
  const model = await speaker.model(sessionId);
  await speaker.done("forward_backward", gradient(model, 1, DATA));
  await speaker.done("optim_step", step(model, 2));
  return model;
}

const lossOf = (result: { metrics: Record<string, number> }) => result.metrics["loss:sum"];

describe("checkpoints over HTTP", () => {
  it("go on exactly, also on a server that was started anew", async () => {
    const session = await speaker.session();
    const model = await trained(session);
    const { path } = await speaker.done("save_weights", { model_id: model, seq_id: 3, path: "first" });
    expect(path).toBe(`tinker://${model}/weights/first`);
    const saved = lossOf(await speaker.done("forward_backward", gradient(model, 4, DATA)));
    await speaker.done("optim_step", step(model, 5));
    const unbroken = lossOf(await speaker.done("forward_backward", gradient(model, 6, DATA)));

    const later = await startServer({ checkpoints: speaker.folder });
    const info = await later.ask("POST", "/api/v1/weights_info", { tinker_path: path });
    expect(info.json).toMatchObject({
      base_model: "nano-policy",
      is_lora: true,
      lora_rank: 4,
      train_mlp: true,
    });
    const resumed = await later.model(await later.session(), { lora_config: { rank: 4 } });
    await later.done("load_weights", { model_id: resumed, seq_id: 1, path, optimizer: true });
    await later.done("forward_backward", gradient(resumed, 2, DATA));
    await later.done("optim_step", step(resumed, 3));
    expect(lossOf(await later.done("forward_backward", gradient(resumed, 4, DATA)))).toBe(unbroken);

    // The same in one request, without the optimizer's state.
    const created = await later.done("load_weights", {
      session_id: await later.session(),
      model_seq_id: 0,
      path,
      optimizer: false,
    });
    expect(lossOf(await later.done("forward_backward", gradient(created.model_id, 1, DATA)))).toBe(saved);
    await later.done("optim_step", step(created.model_id, 2));
    // A first step of AdamW is another than a second one.
    expect(lossOf(await later.done("forward_backward", gradient(created.model_id, 3, DATA)))).not.toBe(
      unbroken,
    );
  });

  it("are listed, archived, given an end and deleted", async () => {
    const model = await trained(await speaker.session());
    await speaker.done("save_weights", { model_id: model, seq_id: 3, path: "a" });
    const saved = await speaker.done("save_weights_for_sampler", { model_id: model, seq_id: 4, path: "b" });
    const runs = `/api/v1/training_runs/${model}`;
    const ids = async () =>
      (await speaker.ask("GET", `${runs}/checkpoints`)).json.checkpoints.map(
        (checkpoint: { checkpoint_id: string }) => checkpoint.checkpoint_id,
      );
    expect(await ids()).toEqual(["weights/a", "sampler_weights/b"]);
    expect((await speaker.ask("GET", runs)).json).toMatchObject({
      training_run_id: model,
      last_sampler_checkpoint: { tinker_path: saved.path, checkpoint_type: "sampler" },
    });

    const link = await speaker.fetch("GET", `${runs}/checkpoints/sampler_weights%2Fb/archive`);
    expect(link.status).toBe(302);
    const archive = await fetch(link.headers.get("location")!);
    const folder = mkdtempSync(join(tmpdir(), "armature-archive-"));
    writeFileSync(join(folder, "b.tar"), Buffer.from(await archive.arrayBuffer()));
    // The tar of the system must agree.
    execFileSync("tar", ["-xf", "b.tar"], { cwd: folder });
    const config = JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"));
    expect([config.r, existsSync(join(folder, "checkpoint_complete"))]).toEqual([4, true]);
    const state = join(speaker.folder, model.replaceAll(":", "~"), "sampler_weights/b/state");
    for (const file of ["adapter_model.safetensors", "manifest.json"])
      expect(readFileSync(join(folder, file))).toEqual(readFileSync(join(state, file)));

    const ttl = await speaker.ask("PUT", `${runs}/checkpoints/weights/a/ttl`, { ttl_seconds: 3600 });
    expect(Date.parse(ttl.json.expires_at) - Date.now()).toBeGreaterThan(3_500_000);
    expect((await speaker.ask("DELETE", `${runs}/checkpoints/weights/a`)).status).toBe(204);
    expect((await speaker.ask("DELETE", `${runs}/checkpoints/weights/a`)).status).toBe(404);
    expect(await ids()).toEqual(["sampler_weights/b"]);
  });

  it("keep their name until it is given free", async () => {
    const model = await speaker.model(await speaker.session());
    const save = (seqId: number, more: object = {}) =>
      speaker.done("save_weights", { model_id: model, seq_id: seqId, path: "same", ...more });
    await save(1);
    expect((await save(2)).error).toContain("weights/same exists; choose another name, or set overwrite");
    expect((await save(3, { overwrite: true })).path).toBe(`tinker://${model}/weights/same`);
  });

  it.each([
    ["../../up", 'checkpoint name "../../up": use letters'],
    ["a/b", 'checkpoint name "a/b": use letters'],
    [".hidden", 'checkpoint name ".hidden": use letters'],
  ])("refuse the name %s", async (path, message) => {
    const model = await speaker.model(await speaker.session());
    const refused = await speaker.done("save_weights", { model_id: model, seq_id: 1, path });
    expect(refused).toEqual({ error: expect.stringContaining(message), category: "user" });
  });

  it.each([
    ["tinker://../weights/a", "is no checkpoint path"],
    ["tinker://~/weights/a", "is no id of a training run"],
    ["tinker://nobody/weights/a", "there is no checkpoint tinker://nobody/weights/a here"],
    ["file:///etc/passwd", "is no checkpoint path"],
  ])("are not loaded from %s", async (path, message) => {
    const model = await speaker.model(await speaker.session());
    const refused = await speaker.done("load_weights", { model_id: model, seq_id: 1, path, optimizer: true });
    expect(refused).toEqual({ error: expect.stringContaining(message), category: "user" });
  });

  it("are refused by a model of another shape", async () => {
    const session = await speaker.session();
    const model = await trained(session);
    const { path } = await speaker.done("save_weights", { model_id: model, seq_id: 3, path: "shape" });
    const other = await speaker.model(session, { model_seq_id: 1, lora_config: { rank: 2 } });
    const refused = await speaker.done("load_weights", { model_id: other, seq_id: 1, path, optimizer: true });
    expect(refused.error).toContain("has rank 4, but the model's adapter has rank 2");
    expect(refused.category).toBe("user");
  });
});
