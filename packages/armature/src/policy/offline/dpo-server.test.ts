import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalBackend } from "@armature/engine";
import { ProtocolServer } from "@armature/tinker/server";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { stopAfter } from "../../../test/run/stop-after.ts";
import { loadRecipe } from "../../config/load-recipe.ts";
import type { DpoRecipe } from "../../config/policy-recipe.ts";
import { SILENT_PROGRESS } from "../../run/progress.ts";
import { RunDirectory } from "../../run/run-directory.ts";
import { nanoModelPath } from "../../train/arm-models.ts";
import { runDpo } from "./dpo-run.ts";

// Runs of several processes' worth of work, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const TINY = [
  ...["rounds=2", "promptsPerRound=6", "batchSize=3", "epochs=1", "reference=round", "output.commitEvery=1"],
  ...["evaluation.prompts=3", "evaluation.samples=1", "evaluation.every=0"],
];

const folder = mkdtempSync(join(tmpdir(), "armature-dpo-server-"));
let server: ProtocolServer;
beforeAll(async () => {
  const backend = await LocalBackend.open([{ path: nanoModelPath("policy") }], {
    ...{ threads: 1, logprobs: "weighted" },
  });
  server = await ProtocolServer.start(backend, { checkpoints: join(folder, "served") });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function train(name: string, settings: readonly string[], stopAt = Number.POSITIVE_INFINITY) {
  const file = join(folder, "recipe.yaml");
  writeFileSync(file, "method: dpo\npreset: sandbox\nreward: {kind: sandbox-truth}\n");
  const { recipe, resolve } = loadRecipe(file, [...TINY, ...settings], folder);
  const run = RunDirectory.start(join(folder, name), { recipe });
  const interruption = stopAfter(stopAt);
  try {
    const job = { recipe: recipe as DpoRecipe, resolve, run, progress: SILENT_PROGRESS, interruption };
    return (await runDpo(job)).status;
  } finally {
    run.close();
  }
}

it("gives the files of the run in process, also where it was interrupted within a round", async () => {
  const remote = [`model.url=${server.url}`];
  expect(await train("local", [])).toBe("finished");
  expect(await train("remote", remote, 3)).toBe("interrupted");
  expect(await train("remote", remote)).toBe("finished");
  for (const name of [
    "metrics.jsonl",
    "pairs/round-1.jsonl",
    "pairs/round-2.jsonl",
    "evaluation-after.json",
  ]) {
    const [here, there] = ["local", "remote"].map((run) => readFileSync(join(folder, run, name), "utf8"));
    expect(there).toBe(here);
  }
});
