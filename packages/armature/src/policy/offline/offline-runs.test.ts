import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { stopAfter } from "../../../test/run/stop-after.ts";
import type { TrainingJob, TrainingOutcome } from "../../cli/operations.ts";
import { loadRecipe } from "../../config/load-recipe.ts";
import type { Recipe } from "../../config/recipe-schema.ts";
import { readPreferencePairs } from "../../data/preference-pairs.ts";
import { SILENT_PROGRESS } from "../../run/progress.ts";
import { RunDirectory } from "../../run/run-directory.ts";
import { readSupervisedRows } from "../../train/supervised.ts";
import { runBestOfN } from "./best-of-n-run.ts";
import { runDpo } from "./dpo-run.ts";
import { runSftChosen } from "./sft-chosen-run.ts";

vi.setConfig({ testTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), "armature-offline-runs-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = ["evaluation.prompts=6", "evaluation.samples=1", "evaluation.every=3", "output.commitEvery=2"];
const METHODS: Readonly<Record<string, (job: TrainingJob<never>) => Promise<TrainingOutcome>>> = {
  dpo: runDpo,
  "best-of-n": runBestOfN,
  "sft-chosen": runSftChosen,
};

/** Runs until the end, or until the stop is requested for the `stopAt`-th time it is asked. */
async function train(
  name: string,
  method: string,
  settings: readonly string[],
  stopAt = Number.POSITIVE_INFINITY,
) {
  const file = join(folder, "recipe.yaml");
  writeFileSync(file, `method: ${method}\npreset: sandbox\nreward: {kind: sandbox-truth}\n`);
  const { recipe, resolve } = loadRecipe(file, [...SMALL, ...settings], folder);
  const run = RunDirectory.start(join(folder, name), { recipe: recipe as Recipe });
  const interruption = stopAfter(stopAt);
  try {
    const job = { recipe, resolve, run, progress: SILENT_PROGRESS, interruption };
    return await METHODS[method]!(job as never);
  } finally {
    run.close();
  }
}

const textOf = (run: string, name: string) => readFileSync(join(folder, run, name), "utf8");
const metricsOf = (run: string, kind: string) =>
  textOf(run, "metrics.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, number | string | null>)
    .filter((record) => record["kind"] === kind);

/** Interrupts a second run after so many more steps each time, and compares it with the unbroken one. */
async function comparesBroken(
  name: string,
  method: string,
  settings: readonly string[],
  stops: readonly number[],
) {
  expect((await train(name, method, settings)).status).toBe("finished");
  for (const stop of stops)
    expect((await train(`${name}-broken`, method, settings, stop)).status).toBe("interrupted");
  expect((await train(`${name}-broken`, method, settings)).status).toBe("finished");
  for (const file of ["metrics.jsonl", "evaluation-after.json"])
    expect(textOf(`${name}-broken`, file)).toBe(textOf(name, file));
}

describe("iterative DPO", () => {
  const settings = [
    ...["rounds=2", "promptsPerRound=12", "batchSize=8", "epochs=2", "reference=round"],
    ...["pairs.responses=3", "pairs.pairsPerPrompt=1"],
  ];

  it("goes on after interruptions within a round and between rounds as if there had been none", async () => {
    await comparesBroken("iterative", "dpo", settings, [1, 3]);
    for (const round of [1, 2]) {
      const name = `pairs/round-${round}.jsonl`;
      expect(textOf("iterative-broken", name)).toBe(textOf("iterative", name));
    }
  });

  it("starts each round at its reference: no implicit reward, a loss of log 2", () => {
    const steps = metricsOf("iterative", "dpo");
    expect(steps.map(({ step, round }) => `${round} ${step}`)).toEqual([
      ...["1 1", "1 2", "1 3", "1 4", "2 5", "2 6", "2 7", "2 8"],
    ]);
    for (const first of [steps[0]!, steps[4]!]) {
      expect(first["preferenceLoss"]).toBeCloseTo(Math.LN2, 4);
      expect(first["margin"]).toBeCloseTo(0, 4);
    }
    expect(steps[3]!["margin"]).not.toBeCloseTo(0, 3);
  });

  it("keeps the labelled pairs as preference pairs that other runs can read, and counts them", async () => {
    const { pairs } = await readPreferencePairs([join(folder, "iterative", "pairs", "round-1.jsonl")]);
    const [first] = metricsOf("iterative", "dpo");
    expect(pairs.length).toBe(first!["labelled"]);
    expect(Number(first!["labelled"]) + Number(first!["ties"])).toBe(first!["compared"]);
    expect(pairs[0]!.prompt.messages[0]!.content).toMatch(/^write to the /);
  });

  it("keeps the policy it started from as the reference where the recipe says so", async () => {
    await train("kept", "dpo", settings.with(4, "reference=start"));
    const [second] = metricsOf("kept", "dpo").filter(({ round }) => round === 2);
    expect(second!["margin"]).not.toBeCloseTo(0, 3);
  });
});

describe("DPO on given pairs", () => {
  it("learns from the sandbox's pairs and measures held-out ones", async () => {
    const settings = [
      ...["pairs.kind=sandbox", "pairs.count=24", "pairs.heldOut=10", "epochs=2", "batchSize=8"],
    ];
    await comparesBroken("given", "dpo", settings, [2]);
    expect(existsSync(join(folder, "given", "pairs"))).toBe(false);
    const evaluations = metricsOf("given", "evaluation");
    expect(evaluations[0]!["pairAccuracy"]).toBeCloseTo(0.5, 0);
    expect(evaluations.at(-1)!["pairAccuracy"]).toBeGreaterThan(0.5);
  });

  it("takes another run's labelled pairs as files", async () => {
    const settings = [
      ...["pairs.kind=files", "pairs.files=[iterative/pairs/round-1.jsonl]", "pairs.maxTokens=80"],
      ...["reward.kind=none", "batchSize=4", "epochs=1"],
    ];
    const outcome = await train("files", "dpo", settings);
    if (outcome.status !== "finished") throw new Error("not finished");
    expect(outcome.report.notes.join("\n")).toMatch(/given pairs: \d+ to learn from/);
    expect(outcome.report.summary.map(({ name }) => name)).not.toContain("reward");
  });
});

describe("best-of-n", () => {
  it("goes on after an interruption, and keeps what it learnt from as rows for sft", async () => {
    const settings = ["rounds=2", "promptsPerRound=10", "n=3", "epochs=1", "batchSize=4"];
    await comparesBroken("best", "best-of-n", settings, [2]);
    const rows = await readSupervisedRows([join(folder, "best", "best", "round-1.jsonl")]);
    expect(rows.length).toBe(10);
    const [first] = metricsOf("best", "best-of-n");
    expect(first!["bestReward"]).toBeGreaterThan(Number(first!["rewardMean"]));
  });
});

describe("sft-chosen", () => {
  it("goes on after an interruption and raises the likelihood of what was chosen", async () => {
    const settings = ["pairs.count=48", "pairs.heldOut=4", "epochs=2", "batchSize=12"];
    await comparesBroken("sft", "sft-chosen", settings, [3]);
    const losses = metricsOf("sft", "sft-chosen").map(({ loss }) => Number(loss));
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });
});
