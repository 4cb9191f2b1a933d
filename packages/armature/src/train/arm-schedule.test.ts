import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ArmStep, armSchedule } from "./arm-schedule.ts";
import type { ArmSettings } from "./arm-settings.ts";

const phase = {
  groupSize: 2,
  minibatches: 1,
  innerUpdates: 1,
  learningRate: 1,
  temperature: 1,
  klBeta: 0,
  klEstimator: "k3",
} as const;

const settings = (changes: Partial<ArmSettings> = {}): ArmSettings => ({
  seed: 0,
  rounds: 2,
  pairsPerRound: 5,
  order: "judge-first",
  cacheRubrics: true,
  cacheTemperature: 1,
  trainJudge: true,
  trainGenerator: true,
  staticRubric: null,
  judge: { ...phase, pairsPerBatch: 3, passes: 1, formatReward: 1 },
  generator: { ...phase, pairsPerBatch: 2, passes: 2, invalidReward: 0 },
  clipLow: 0.2,
  clipHigh: 0.28,
  advantageStd: "group",
  lossNormalization: "sequence-mean",
  constantGroups: "drop",
  learningRateSchedule: "constant",
  adam: {},
  ...changes,
});

const text = (step: ArmStep) =>
  step.kind === "evaluate"
    ? `${step.round} evaluate after ${step.after}`
    : `${step.round} ${step.kind} ${step.visit}: ${step.pairs}`;

describe("armSchedule", () => {
  it("trains the judge, then the generator, on each round's own part", () => {
    expect(armSchedule(settings()).map(text).slice(0, 10)).toEqual([
      "0 judge 0: 0,1,2",
      "0 judge 0: 3,4",
      "0 evaluate after judge",
      "0 generator 0: 0,1",
      "0 generator 0: 2,3",
      "0 generator 0: 4",
      "0 generator 1: 0,1",
      "0 generator 1: 2,3",
      "0 generator 1: 4",
      "0 evaluate after generator",
    ]);
    expect(armSchedule(settings()).map(text)[10]).toBe("1 judge 0: 5,6,7");
  });

  it("can turn the order round, leave one model out, or take turns", () => {
    const kinds = (changes: Partial<ArmSettings>) =>
      armSchedule(settings({ rounds: 1, ...changes }))
        .map((step) => step.kind[0])
        .join("");
    expect(kinds({ order: "generator-first" })).toBe("ggggggejje");
    expect(kinds({ trainGenerator: false })).toBe("jje");
    expect(kinds({ trainJudge: false })).toBe("gggggge");
    expect(kinds({ order: "simultaneous" })).toBe("jgggjggge");
  });

  it("visits every pair of every round as often as asked, in whichever order", () => {
    const small = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(
        fc.record({
          rounds: small,
          pairsPerRound: small,
          judgeBatch: small,
          generatorBatch: small,
          passes: small,
        }),
        fc.constantFrom("judge-first" as const, "generator-first" as const, "simultaneous" as const),
        ({ rounds, pairsPerRound, judgeBatch, generatorBatch, passes }, order) => {
          const base = settings();
          const steps = armSchedule(
            settings({
              rounds,
              pairsPerRound,
              order,
              judge: { ...base.judge, pairsPerBatch: judgeBatch },
              generator: { ...base.generator, pairsPerBatch: generatorBatch, passes },
            }),
          );
          for (const [kind, visits] of [
            ["judge", 1],
            ["generator", passes],
          ] as const) {
            const seen = steps.flatMap((step) => (step.kind === kind ? step.pairs : []));
            const expected = Array.from({ length: rounds * pairsPerRound }, (_, i) =>
              Array(visits).fill(i),
            ).flat();
            expect(seen.toSorted((a, b) => a - b)).toEqual(expected);
          }
          for (const step of steps)
            if (step.kind !== "evaluate")
              for (const pair of step.pairs) expect(Math.floor(pair / pairsPerRound)).toBe(step.round);
        },
      ),
    );
  });
});
