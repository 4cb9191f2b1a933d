import { LocalEngine } from "@armature/engine";
import { completionDatum, type Datum } from "@armature/tinker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nanoDialect } from "../sandbox/nano-dialect.ts";
import { HELD_OUT_PAIRS, worldPairs } from "../sandbox/world.ts";
import { type ArmModels, nanoModelPath } from "../train/arm-models.ts";
import { gradientMoments, measureGradientVariance } from "./gradient-variance.ts";

const pairs = worldPairs(3, "gradient variance", 2, HELD_OUT_PAIRS).map(({ pair }) => pair);
let models: Pick<ArmModels, "generator" | "judge" | "close">;

beforeAll(async () => {
  const open = (player: "generator" | "judge") =>
    LocalEngine.open({ kind: "path", path: nanoModelPath(player) }, { threads: 1, logprobs: "weighted" });
  const [generator, judge] = await Promise.all([open("generator"), open("judge")]);
  models = {
    generator: await generator.createModel({ lora: null, checkpoints: "" }),
    judge: await judge.createModel({ lora: null, checkpoints: "" }),
    close: async () => void (await Promise.all([generator.close(), judge.close()])),
  };
});
afterAll(() => models.close());

const RUBRICS = [
  "1. gives a time [hard-rule] 2. is warm [principle]",
  "1. is clear [principle] 2. is playful [principle]",
  "1. is formal [principle]",
];

describe("gradientMoments", () => {
  it("equals the mean squared distance of two draws, measured from gradient differences", async () => {
    const prompt = nanoDialect.generatorPrompt(pairs[0]!.prompt);
    const datum = (rubric: string, weight: number): Datum => {
      const tokens = nanoDialect.generator.encodeCompletion(rubric);
      return completionDatum(prompt, tokens, { weights: new Float32Array(tokens.length).fill(weight) });
    };
    const normOf = async (batch: readonly Datum[]) => {
      void models.generator.forwardBackward(batch, { name: "cross_entropy" });
      return (await models.generator.optimStep({ learning_rate: 0 }).result).metrics["grad_norm:last"]!;
    };
    // Var = Σ_{i<j} ‖g_i − g_j‖² / (n(n − 1)), with the draw that earned nothing as g = 0.
    let distances = 0;
    for (const [i, rubric] of RUBRICS.entries()) {
      distances += (await normOf([datum(rubric, 1)])) ** 2;
      for (const other of RUBRICS.slice(0, i))
        distances += (await normOf([datum(rubric, 1), datum(other, -1)])) ** 2;
    }
    const n = RUBRICS.length + 1;
    const draws = [...RUBRICS.map((rubric) => datum(rubric, 1)), null];
    const { variance, signal } = await gradientMoments(models.generator, draws);
    expect(variance / (distances / (n * (n - 1)))).toBeCloseTo(1, 4);
    const all = await normOf(RUBRICS.map((rubric) => datum(rubric, 1)));
    expect(signal / ((all / n) ** 2 - variance / n)).toBeCloseTo(1, 4);
  });

  it("is 0 where no draw earned anything", async () => {
    expect(await gradientMoments(models.generator, [null, null])).toEqual({ variance: 0, signal: 0 });
  });
});

describe("measureGradientVariance", () => {
  it("measures three estimators, is repeated by its seed and leaves the weights alone", async () => {
    const { generator, judge } = models;
    const task = { generator, judge, dialect: nanoDialect, pairs, draws: 2, seed: 5, resamples: 50 };
    const first = await measureGradientVariance(task);
    expect(first).toMatchObject({ pairs: 2, draws: 2 });
    for (const { variance } of [first.judgeFrozen, first.judgeFresh, first.generator])
      expect(variance.value).toBeGreaterThanOrEqual(0);
    expect(first.correct + first.unreadable).toBeLessThanOrEqual(1);
    expect(first.correct).toBeGreaterThan(0);
    const again = await measureGradientVariance(task);
    expect(again.correct).toBe(first.correct);
    expect(again.generator.variance.value / first.generator.variance.value).toBeCloseTo(1, 3);
  });
});
