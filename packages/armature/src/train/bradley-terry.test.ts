import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bradleyTerryLoss, pairwiseScoreLoss, type ScoredPair } from "./bradley-terry.ts";

const number = (least: number, most: number) => fc.double({ min: least, max: most, noNaN: true });
const pair = fc.record({
  chosen: number(-4, 4),
  rejected: number(-4, 4),
  margin: number(0, 2),
  bound: fc.option(number(0.5, 6)),
});

describe("bradleyTerryLoss", () => {
  it("is hand-computed: ln 2 at equal scores, and each term by itself", () => {
    expect(bradleyTerryLoss([{ chosen: 1, rejected: 1 }], 0).loss).toBeCloseTo(Math.LN2, 12);
    // −ln σ(2 − 0.5)
    expect(bradleyTerryLoss([{ chosen: 2, rejected: 0, margin: 0.5 }], 0).loss).toBeCloseTo(
      Math.log(1 + Math.exp(-1.5)),
      12,
    );
    // ln 2 + 0.1 · 2²
    expect(bradleyTerryLoss([{ chosen: 1, rejected: 1 }], 0.1).loss).toBeCloseTo(Math.LN2 + 0.4, 12);
    // −ln σ(2) − ln σ(3 − 2)
    expect(bradleyTerryLoss([{ chosen: 2, rejected: 0, bound: 3 }], 0).loss).toBeCloseTo(
      Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(-1)),
      12,
    );
  });

  it("has the gradients of finite differences", () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 4 }), number(0, 0.5), (pairs, centring) => {
        const { gradients } = bradleyTerryLoss(pairs, centring);
        const step = 1e-5;
        pairs.forEach((one, i) => {
          for (const side of ["chosen", "rejected"] as const) {
            const at = (change: number) =>
              bradleyTerryLoss(
                pairs.map((p, j) => (j === i ? { ...p, [side]: one[side] + change } : p)),
                centring,
              ).loss;
            expect(gradients[i]![side]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 6);
          }
        });
      }),
    );
  });

  it("without centring moves both scores by opposite amounts, and not at all at the prior's middle", () => {
    fc.assert(
      fc.property(pair, (one) => {
        const [gradient] = bradleyTerryLoss([one], 0).gradients;
        expect(gradient!.chosen).toBeCloseTo(-gradient!.rejected, 12);
      }),
    );
    // At half the bound the two sigmoids are equal.
    const middle = bradleyTerryLoss([{ chosen: 1.5, rejected: 0, bound: 3 }], 0).gradients[0]!;
    expect(middle.chosen).toBeCloseTo(0, 12);
  });

  it("stays finite at scores that overflow the exponential, and is zero without pairs", () => {
    const { loss, gradients } = bradleyTerryLoss([{ chosen: -2000, rejected: 2000, bound: 5 }], 0);
    expect(loss).toBeCloseTo(4000, 6);
    expect(gradients[0]).toEqual({ chosen: -1, rejected: 1 });
    expect(bradleyTerryLoss([], 0.01)).toEqual({ loss: 0, gradients: [] });
  });
});

describe("pairwiseScoreLoss", () => {
  it("reads chosen and rejected in turn and gives its gradients in the same order", () => {
    const terms: Pick<ScoredPair, "margin" | "bound">[] = [{ margin: 0.5 }, { bound: 2 }];
    const { loss, gradients, metrics } = pairwiseScoreLoss([1, 0, 0, 3], terms, 0.01);
    const expected = bradleyTerryLoss(
      [
        { chosen: 1, rejected: 0, margin: 0.5 },
        { chosen: 0, rejected: 3, bound: 2 },
      ],
      0.01,
    );
    expect(loss).toBe(expected.loss);
    expect([...(gradients as number[])]).toEqual(
      expected.gradients.flatMap(({ chosen, rejected }) => [chosen, rejected]),
    );
    expect(metrics).toEqual({ accuracy: 0.5, difference: -1, score: 1 });
  });

  it("counts equal scores half", () => {
    expect(pairwiseScoreLoss([1, 1], [{}], 0).metrics).toMatchObject({ accuracy: 0.5 });
  });
});
