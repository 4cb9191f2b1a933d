import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stopAfter } from "../../test/run/stop-after.ts";
import type { BradleyTerryRecipe } from "../config/bradley-terry-recipe.ts";
import { loadRecipe } from "../config/load-recipe.ts";
import { openScalarReward } from "../reward/scalar-reward.ts";
import { SILENT_PROGRESS } from "../run/progress.ts";
import { RunDirectory } from "../run/run-directory.ts";
import { runBradleyTerry } from "./bradley-terry-run.ts";
import { sandboxPairs } from "./sandbox-pairs.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-bradley-terry-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = [
  "data.pairs=48",
  "epochs=2",
  "pairsPerBatch=16",
  "evaluation.pairs=24",
  "evaluation.watchingPairs=12",
  "evaluation.everySteps=2",
  "evaluation.bootstrapSamples=100",
  "output.commitEvery=2",
];

function load(settings: readonly string[]): BradleyTerryRecipe {
  const file = join(folder, "recipe.yaml");
  writeFileSync(file, "method: bradley-terry\npreset: sandbox\n");
  return loadRecipe(file, [...SMALL, ...settings], folder).recipe as BradleyTerryRecipe;
}

/** Runs until the end, or until the stop is requested for the `stopAt`-th time it is asked. */
async function train(name: string, settings: readonly string[] = [], stopAt = Number.POSITIVE_INFINITY) {
  const recipe = load(settings);
  const run = RunDirectory.start(join(folder, name), { recipe });
  const interruption = stopAfter(stopAt);
  try {
    return await runBradleyTerry({
      ...{ recipe, run, interruption, progress: SILENT_PROGRESS },
      resolve: (path) => path,
    });
  } finally {
    run.close();
  }
}

const read = (name: string, file: string) => readFileSync(join(folder, name, file));
const weights = (name: string) => {
  const [saved] = readdirSync(join(folder, name, "checkpoints"));
  return read(name, join("checkpoints", saved!, "model.safetensors"));
};

describe("runBradleyTerry", () => {
  it("ends with the same metrics and weights when it is interrupted again and again", async () => {
    const whole = await train("whole");
    if (whole.status !== "finished") throw new Error(whole.status);
    for (const stopAfter of [1, 3]) expect((await train("broken", [], stopAfter)).status).toBe("interrupted");
    expect(await train("broken")).toMatchObject({ status: "finished" });
    expect(read("broken", "metrics.jsonl").equals(read("whole", "metrics.jsonl"))).toBe(true);
    expect(weights("broken").equals(weights("whole"))).toBe(true);
    expect(read("broken", "evaluation-after.json").equals(read("whole", "evaluation-after.json"))).toBe(true);
    expect(whole.report.summary.map(({ name }) => name)).toEqual([
      ...["accuracy", "accuracy-hard", "accuracy-principle", "accuracy-length"],
      ...["loss", "difference", "chosen"],
    ]);
    // A finished run tells its report again without training.
    expect(await train("whole")).toMatchObject({ report: { summary: whole.report.summary } });
  });

  it("learns: the training loss falls below chance", async () => {
    await train("learns", ["data.pairs=16", "data.labelNoise=0", "epochs=30", "evaluation.watchingPairs=0"]);
    const losses = read("learns", "metrics.jsonl")
      .toString()
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { loss: number }).loss);
    expect(losses).toHaveLength(30);
    expect(losses.at(-1)).toBeLessThan(0.4);
  });

  it.each([
    [
      "a margin and a prior",
      ["loss.margin=0.5", "loss.prior={similarity: cosine, scale: 6, offset: 0.001, shift: 0}"],
    ],
    ["a body of random weights", ["model.body=random-policy"]],
  ])("runs with %s", async (name, settings) => {
    expect(await train(name, [...settings, "epochs=1"])).toMatchObject({ status: "finished" });
  });
});

describe("openScalarReward", () => {
  it("scores held-out pairs as the run's own evaluation did, alone and in batches", async () => {
    const { heldOut } = sandboxPairs(0, { training: 1, labelNoise: 0, watching: 12, heldOut: 24 });
    const { scores } = JSON.parse(read("whole", "evaluation-after.json").toString()) as {
      scores: { pairId: string; chosen: number; rejected: number }[];
    };
    const reward = await openScalarReward(join(folder, "whole"));
    try {
      const items = heldOut.flatMap(({ prompt, chosen, rejected }) =>
        [chosen, rejected].map((response) => ({ prompt, response })),
      );
      const batched = await reward.scores(items);
      const alone = await Promise.all(
        items.slice(0, 8).map(({ prompt, response }) => reward.score(prompt, response)),
      );
      scores.forEach(({ pairId, chosen, rejected }, i) => {
        expect(pairId).toBe(heldOut[i]!.id);
        expect(batched[2 * i]).toBeCloseTo(chosen, 4);
        expect(batched[2 * i + 1]).toBeCloseTo(rejected, 4);
      });
      alone.forEach(({ value }, i) => {
        expect(value).toBeCloseTo(batched[i]!, 4);
      });
      expect(reward.id).toMatch(/^bradley-terry:[0-9a-f]{16}$/);
    } finally {
      await reward.close();
    }
  });

  it("gives null for what it cannot read, beside others that it can", async () => {
    const { heldOut } = sandboxPairs(0, { training: 1, labelNoise: 0, watching: 0, heldOut: 1 });
    const [{ prompt, chosen }] = heldOut as [(typeof heldOut)[number]];
    const reward = await openScalarReward(join(folder, "whole"), { threads: 1 });
    try {
      const long = Array(60).fill("the game is big .").join(" ");
      const texts = ["words that the sandbox has never heard", chosen, long];
      const values = await reward.scores(texts.map((response) => ({ prompt, response })));
      expect(values.map((value) => value === null)).toEqual([true, false, true]);
    } finally {
      await reward.close();
    }
  });

  it("refuses folders that hold no such run, and runs that saved nothing", async () => {
    await expect(openScalarReward(join(folder, "nowhere"))).rejects.toThrow(/no run here/);
    const run = RunDirectory.start(join(folder, "other"), { recipe: { method: "arm" } });
    run.close();
    await expect(openScalarReward(join(folder, "other"))).rejects.toThrow(/no run of method bradley-terry/);
    const begun = RunDirectory.start(join(folder, "begun"), { recipe: load([]) });
    begun.close();
    await expect(openScalarReward(join(folder, "begun"))).rejects.toThrow(/nothing was saved yet/);
  });
});

describe("the recipe", () => {
  it.each([
    [["data={kind: files, train: [x]}"], /data\.kind.*the sandbox models know the sandbox's words only/],
    [["loss.margin=given"], /loss\.margin.*come without margins/],
    [["loss.prior={similarity: jaccard}"], /loss\.prior/],
    [["model.body=writer"], /model\.body/],
  ])("refuses %j", (settings, message) => {
    expect(() => load(settings)).toThrow(message);
  });
});
