import { SeededStream } from "@armature/engine";
import { describe, expect, it } from "vitest";
import { curveEstimates, type TrainingCurve, turningPoint } from "./over-optimisation.ts";

const X = [0, 10, 20, 30, 40, 50, 60];
const settings = { seed: 1, resamples: 300 };

/** Curves around `mean` with a level of each prompt, a level of each seed and noise of each measurement. */
function curve(
  mean: (x: number) => number,
  { noise = 0.3, seeds = 3, prompts = 100, draw = 0 } = {},
): TrainingCurve {
  const stream = new SeededStream(draw, "synthetic curves");
  const promptLevels = Array.from({ length: prompts }, () => 0.2 * stream.normal());
  const values = Array.from({ length: seeds }, () => {
    const level = 0.01 * stream.normal();
    return X.map((x) => promptLevels.map((own) => mean(x) + own + level + noise * stream.normal()));
  });
  return { x: X, values };
}

describe("the turning point", () => {
  it("is where a curve that rises and falls has its top", () => {
    const found = turningPoint(
      curve((x) => 0.7 - 0.3 * ((x - 30) / 30) ** 2),
      settings,
    )!;
    expect(found.x.value).toBe(30);
    expect(found.x.low).toBeGreaterThanOrEqual(20);
    expect(found.x.high).toBeLessThanOrEqual(40);
    expect(found.fall.value).toBeGreaterThan(0.2);
    expect(found.fall.low).toBeLessThan(0.3);
    expect(found.fall.high).toBeGreaterThan(0.3);
    expect(found.turns).toBe(true);
  });

  it("is the end of a curve that only rises, which does not fall", () => {
    const found = turningPoint(
      curve((x) => x / 60),
      settings,
    )!;
    expect(found.x).toEqual({ value: 60, low: 60, high: 60 });
    expect(found.fall).toEqual({ value: 0, low: 0, high: 0 });
    expect(found.turns).toBe(false);
  });

  it("finds no fall in noise around a plateau, which the top alone would show", () => {
    const found = Array.from(
      { length: 40 },
      (_, draw) =>
        turningPoint(
          curve((x) => Math.min(0.6, x / 30), { draw }),
          { ...settings, resamples: 100 },
        )!,
    );
    const naive = found.reduce((sum, { top, last }) => sum + top - last, 0) / found.length;
    const crossed = found.reduce((sum, { fall }) => sum + fall.value, 0) / found.length;
    expect(naive).toBeGreaterThan(0.015);
    expect(Math.abs(crossed)).toBeLessThan(0.007);
    expect(found.filter(({ turns }) => turns).length).toBeLessThanOrEqual(4);
    expect(found.filter(({ x }) => x.high - x.low >= 20).length).toBeGreaterThan(30);
  });

  it("takes the exact means, the first of equal tops, and leaves out what was not measured", () => {
    const values = [
      [
        [0, 0],
        [2, 4],
        [null, 3],
        [1, 2],
      ],
    ];
    const found = turningPoint({ x: [0, 1, 2, 3], values }, settings)!;
    // Means 0, 3, 3, 1.5. Even: 0, 2, none, 1. Odd: 0, 4, 3, 2. Fall: ((4 − 2) + (2 − 1)) / 2.
    expect([found.x.value, found.top, found.last, found.fall.value]).toEqual([1, 3, 1.5, 1.5]);
    expect(turningPoint({ x: [0], values: [[[null]]] }, settings)).toBeNull();
    expect(turningPoint({ x: [], values: [] }, settings)).toBeNull();
  });
});

describe("estimates of a curve", () => {
  it("hold the truth about as often as they should", () => {
    // Without differences between seeds beyond 0.01, the bootstrap over prompts and seeds is wide, never narrow.
    const inside = Array.from({ length: 60 }, (_, draw) => {
      const [point] = curveEstimates(
        curve(() => 0.5, { draw, prompts: 40 }),
        { seed: draw, resamples: 200 },
      );
      return Number(point!.low <= 0.5 && 0.5 <= point!.high);
    });
    expect(inside.reduce((sum, one) => sum + one) / inside.length).toBeGreaterThan(0.88);
  });

  it("are the means themselves where nothing varies", () => {
    const values = [[[1, 1]], [[1, 1]]];
    expect(curveEstimates({ x: [5], values }, settings)).toEqual([{ x: 5, value: 1, low: 1, high: 1 }]);
  });
});
