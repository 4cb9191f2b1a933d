import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalBackend } from "@armature/engine";
import { ProtocolServer } from "@armature/tinker/server";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { stopAfter } from "../../test/run/stop-after.ts";
import type { TrainingJob, TrainingOutcome } from "../cli/operations.ts";
import { loadRecipe } from "../config/load-recipe.ts";
import { SILENT_PROGRESS } from "../run/progress.ts";
import { RunDirectory } from "../run/run-directory.ts";
import { nanoModelPath } from "../train/arm-models.ts";
import { runGrpo } from "./grpo/grpo-run.ts";
import { runDpo } from "./offline/dpo-run.ts";

// Three runs in one test, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

interface ServedMethod {
  readonly name: string;
  readonly run: (job: TrainingJob<never>) => Promise<TrainingOutcome>;
  readonly settings: readonly string[];
  /** Steps after which the run by URL is interrupted. */
  readonly stopAt: number;
  readonly files: readonly string[];
}

const METHODS: readonly ServedMethod[] = [
  {
    name: "grpo",
    run: runGrpo,
    settings: ["steps=3", "promptsPerBatch=3", "groupSize=2", "maxTokens=16", "staleness=1"],
    // With a batch under way.
    stopAt: 1,
    files: ["metrics.jsonl", "evaluation-after.json", "rollouts/policy.jsonl.gz"],
  },
  {
    name: "dpo",
    run: runDpo,
    settings: ["rounds=2", "promptsPerRound=6", "batchSize=3", "epochs=1", "reference=round"],
    // Within a round.
    stopAt: 3,
    files: ["metrics.jsonl", "pairs/round-1.jsonl", "pairs/round-2.jsonl", "evaluation-after.json"],
  },
];
const TINY = ["output.commitEvery=1", "evaluation.prompts=3", "evaluation.samples=1", "evaluation.every=0"];

const folder = mkdtempSync(join(tmpdir(), "armature-policy-server-"));
let server: ProtocolServer;
beforeAll(async () => {
  const settings = { threads: 1, logprobs: "weighted" } as const;
  const backend = await LocalBackend.open([{ path: nanoModelPath("policy") }], settings);
  server = await ProtocolServer.start(backend, { checkpoints: join(folder, "served") });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function train(method: ServedMethod, name: string, url?: string, stopAt = Number.POSITIVE_INFINITY) {
  const file = join(folder, "recipe.yaml");
  writeFileSync(file, `method: ${method.name}\npreset: sandbox\nreward: {kind: sandbox-truth}\n`);
  const where = url === undefined ? [] : [`model.url=${url}`];
  const { recipe, resolve } = loadRecipe(file, [...TINY, ...method.settings, ...where], folder);
  const run = RunDirectory.start(join(folder, name), { recipe });
  const interruption = stopAfter(stopAt);
  try {
    const job = { recipe, resolve, run, progress: SILENT_PROGRESS, interruption };
    return (await method.run(job as never)).status;
  } finally {
    run.close();
  }
}

describe.each(METHODS)("$name against a server", (method) => {
  it("gives the files of the run in process, also where it was interrupted", async () => {
    const [local, remote] = [`${method.name}-local`, `${method.name}-remote`];
    expect(await train(method, local)).toBe("finished");
    expect(await train(method, remote, server.url, method.stopAt)).toBe("interrupted");
    expect(await train(method, remote, server.url)).toBe("finished");
    for (const name of method.files) {
      const [here, there] = [local, remote].map((run) => readFileSync(join(folder, run, name)));
      expect(there!.equals(here!), name).toBe(true);
    }
  });
});
