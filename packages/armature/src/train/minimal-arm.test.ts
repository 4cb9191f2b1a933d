import { readFileSync } from "node:fs";
import { LocalEngine } from "@armature/engine";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nanoDialect } from "../sandbox/nano-dialect.ts";
import { TRAINING_PAIRS, worldPairs } from "../sandbox/world.ts";
import { nanoModelPath } from "./arm-models.ts";
import { minimalArm } from "./minimal-arm.ts";

const engines: LocalEngine[] = [];
beforeAll(async () => {
  for (const player of ["generator", "judge"] as const)
    engines.push(await LocalEngine.open({ kind: "path", path: nanoModelPath(player) }, { threads: 1 }));
});
afterAll(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
});

it("runs two rounds of the alternation on the committed nano models and learns from them", async () => {
  const [generator, judge] = await Promise.all(
    engines.map((engine) => engine.createModel({ lora: null, checkpoints: "" })),
  );
  const pairs = worldPairs(1, "minimal", 32, TRAINING_PAIRS).map(({ pair }) => pair);
  const prompt = nanoDialect.generatorPrompt(pairs[0]!.prompt);
  const probabilities = async () => {
    const sampler = await generator!.samplerNow().result;
    const rubric = nanoDialect.generator.encodeCompletion("1. is warm [principle]");
    return [...(await sampler.logprobs(Int32Array.from([...prompt, ...rubric])).result).slice(1)];
  };
  const before = await probabilities();
  const rewards = await minimalArm({
    generator: generator!,
    judge: judge!,
    dialect: nanoDialect,
    pairs,
    rounds: 2,
    judgements: 4,
    rubrics: 4,
    judgeLearningRate: 5e-4,
    generatorLearningRate: 1.5e-3,
    formatReward: 0.2,
    seed: 0,
  });
  expect(rewards).toHaveLength(4);
  // A warm judge keeps the form (0.2 each) and is right in more than a third of the pairs; a warm generator writes valid rubrics.
  for (const judgeReward of [rewards[0]!, rewards[2]!]) expect(judgeReward).toBeGreaterThan(0.5);
  for (const generatorReward of [rewards[1]!, rewards[3]!]) expect(generatorReward).toBeGreaterThan(0.3);
  const after = await probabilities();
  expect(Math.max(...after.map((p, i) => Math.abs(p - before[i]!)))).toBeGreaterThan(1e-3);
});

it("stays short enough to be read in one go", () => {
  const lines = readFileSync(new URL("./minimal-arm.ts", import.meta.url), "utf8").split("\n").length;
  expect(lines).toBeLessThanOrEqual(200);
});
