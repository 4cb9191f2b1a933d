import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DpoLossSettings, type DpoTerms, dpoLoss } from "./dpo-loss.ts";

const settings: DpoLossSettings = { loss: "sigmoid", beta: 0.1, labelSmoothing: 0, sftWeight: 0 };

/** Scores +0.5 and −1, so Δ is 1.5. Position 0 belongs to the prompt. */
const pair: DpoTerms = {
  chosen: { offset: 1, tokens: 2, reference: -3.5 },
  rejected: { offset: 1, tokens: 3, reference: -3 },
};
const logprobs = [Float32Array.of(-9, -1, -2), Float32Array.of(-9, -1, -1, -2)];

interface Golden {
  readonly offset: number;
  readonly cases: readonly {
    readonly settings: DpoLossSettings;
    readonly loss: number;
    readonly pairs: readonly (readonly {
      readonly tokens: number;
      readonly reference: number;
      readonly logprobs: readonly number[];
      readonly gradient: readonly number[];
    }[])[];
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/dpo-loss.json", import.meta.url), "utf8"),
) as Golden;

describe("dpoLoss", () => {
  it("is −log σ(βΔ), by hand", () => {
    const { loss, gradients, metrics } = dpoLoss([pair], settings)(logprobs);
    // log(1 + e^−0.15), and 0.1·(σ(0.15) − 1).
    expect(loss).toBeCloseTo(0.62095705, 7);
    expect([...gradients[0]!]).toEqual([0, ...new Array(2).fill(expect.closeTo(-0.04625702, 7))]);
    expect([...gradients[1]!]).toEqual([0, ...new Array(3).fill(expect.closeTo(0.04625702, 7))]);
    expect(metrics).toEqual({
      "preferenceLoss:mean": loss,
      "sftLoss:mean": 1.5,
      "chosenReward:mean": expect.closeTo(0.05, 7),
      "rejectedReward:mean": expect.closeTo(-0.1, 7),
      "margin:mean": expect.closeTo(0.15, 7),
      "accuracy:mean": 1,
    });
  });

  it("adds the supervised term as a mean over the chosen tokens", () => {
    const { loss, gradients } = dpoLoss([pair], { ...settings, sftWeight: 0.2 })(logprobs);
    expect(loss).toBeCloseTo(0.62095705 + 0.2 * 1.5, 7);
    expect(gradients[0]![1]).toBeCloseTo(-0.04625702 - 0.2 / 2, 7);
    expect(gradients[1]![1]).toBeCloseTo(0.04625702, 7);
  });

  it("counts equal implicit rewards as half right: the reference itself knows nothing", () => {
    const same: DpoTerms = {
      chosen: { ...pair.chosen, reference: -3 },
      rejected: { ...pair.rejected, reference: -4 },
    };
    const { loss, metrics } = dpoLoss([same], settings)(logprobs);
    expect(loss).toBeCloseTo(Math.LN2, 12);
    expect(metrics!["accuracy:mean"]).toBe(0.5);
  });

  it.each(golden.cases)("equals PyTorch: $settings", ({ settings, loss, pairs }) => {
    const place = ({ tokens, reference }: { tokens: number; reference: number }) => ({
      offset: golden.offset,
      tokens,
      reference,
    });
    const result = dpoLoss(
      pairs.map(([chosen, rejected]) => ({ chosen: place(chosen!), rejected: place(rejected!) })),
      settings,
    )(pairs.flat().map(({ logprobs }) => Float32Array.from(logprobs)));
    expect(result.loss).toBeCloseTo(loss, 6);
    pairs.flat().forEach(({ gradient }, i) => {
      expect([...result.gradients[i]!]).toEqual(gradient.map((value) => expect.closeTo(value, 6)));
    });
  });

  // Multiples of 2^-10 are exact in 32 bits, so that differences of the loss are exact to its third derivative.
  const step = 2 ** -10;
  const logprob = fc.integer({ min: -4096, max: 0 }).map((n) => n * step);
  const side = fc.record({
    logprobs: fc.array(logprob, { minLength: 1, maxLength: 5 }),
    reference: fc.integer({ min: -8192, max: 0 }).map((n) => n * step),
  });
  const anySettings = fc.record({
    loss: fc.constantFrom("sigmoid", "sigmoid-norm", "ipo"),
    beta: fc.double({ min: 0.05, max: 2, noNaN: true }),
    labelSmoothing: fc.double({ min: 0, max: 0.4, noNaN: true }),
    sftWeight: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const batchOf = (sides: readonly (readonly [Side, Side])[]) => ({
    terms: sides.map(
      ([chosen, rejected]): DpoTerms => ({ chosen: termOf(chosen), rejected: termOf(rejected) }),
    ),
    logprobs: sides.flat().map((s) => Float32Array.from([-5, ...s.logprobs])),
  });
  type Side = { readonly logprobs: readonly number[]; readonly reference: number };
  const termOf = (s: Side) => ({ offset: 1, tokens: s.logprobs.length, reference: s.reference });

  it("has the gradient of its own value (central differences)", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(side, side), { minLength: 1, maxLength: 3 }),
        anySettings,
        (sides, chosen) => {
          const { terms, logprobs } = batchOf(sides);
          const loss = dpoLoss(terms, chosen);
          const { gradients } = loss(logprobs);
          logprobs.forEach((row, datum) => {
            row.forEach((value, t) => {
              const at = (moved: number) =>
                loss(logprobs.map((other, i) => (i === datum ? other.with(t, moved) : other))).loss;
              const slope = (at(value + step) - at(value - step)) / (2 * step);
              expect(gradients[datum]![t]).toBeCloseTo(slope, 4);
            });
          });
        },
      ),
    );
  });

  it("does not change where a step's pairs are split into calls", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(side, side), { minLength: 2, maxLength: 5 }),
        anySettings,
        (sides, chosen) => {
          const { terms, logprobs } = batchOf(sides);
          const whole = dpoLoss(terms, chosen)(logprobs);
          const parts = terms.map((term, i) =>
            dpoLoss([term], chosen, terms.length)(logprobs.slice(2 * i, 2 * i + 2)),
          );
          expect(parts.reduce((sum, { loss }) => sum + loss, 0)).toBeCloseTo(whole.loss, 9);
          expect(parts.flatMap(({ gradients }) => gradients)).toEqual(whole.gradients);
        },
      ),
    );
  });
});
