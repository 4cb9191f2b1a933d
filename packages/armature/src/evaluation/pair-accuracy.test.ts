import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { majorityVerdict, type PairOutcome, type PairVerdict, type Vote } from "../judge/outcome.ts";
import { mixedOrder, type Order } from "../judge/shown-pair.ts";
import { bootstrapDifference } from "./bootstrap.ts";
import { pairAccuracy, pairScores } from "./pair-accuracy.ts";

const seed = 11;
const settings = { seed, resamples: 300 };

/** Votes as letters: A, B, or `?` for an unreadable one. */
function outcome(pairIndex: number, order: Order, letters: string, failed?: PairVerdict): PairOutcome {
  const votes = Array.from(letters, (letter): Vote => {
    const winner = letter === "A" || letter === "B" ? letter : null;
    const fault = winner === null ? { formatOk: false, formatFault: "no-winner: x" } : { formatOk: true };
    return { text: letter, cutOff: false, judgement: { winner, ...fault } };
  });
  const verdict = failed ?? majorityVerdict(votes, order);
  return { pairIndex, pairId: `pair ${pairIndex}`, order, rubric: "", rubricFault: null, votes, verdict };
}

/** One pair per argument: votes in given order, votes in swapped order. */
const both = (...pairs: (readonly [string, string])[]) =>
  pairs.flatMap(([given, swapped], i) => [outcome(i, "given", given), outcome(i, "swapped", swapped)]);

describe("pairAccuracy", () => {
  it("counts by hand: right twice, first twice, second twice, wrong twice, unreadable once", () => {
    const outcomes = both(["A", "B"], ["A", "A"], ["B", "B"], ["B", "A"], ["A", "?"]);
    const result = pairAccuracy(outcomes, settings);
    expect(result).toMatchObject({
      pairs: 5,
      judgements: 10,
      accuracy: { value: 5 / 10, clusters: 5 },
      given: { value: 3 / 5 },
      swapped: { value: 2 / 5 },
      // Pairs 0 and 3 are the only ones scored twice with the same response: 2 of the 4.
      orderAgreement: 2 / 4,
      // A, A A, -, A, A of nine readable.
      firstWins: 5 / 9,
      ties: 0,
      parseFailures: 1,
      parseFailureRate: 1 / 10,
      unjudged: 0,
      rubricFaults: 0,
    });
    const mixedRight = outcomes.filter(
      ({ order, pairId, verdict }) =>
        order === mixedOrder(seed, pairId) && verdict.status === "scored" && verdict.winner === "chosen",
    ).length;
    expect(result.mixed?.value).toBe(mixedRight / 5);
    const three = [3 / 5, 2 / 5, mixedRight / 5];
    expect(result.positionVariation).toBeCloseTo(Math.max(...three) - Math.min(...three), 12);
  });

  it("shows a judge that always says A as pure position", () => {
    const result = pairAccuracy(both(...Array.from({ length: 40 }, () => ["A", "A"] as const)), settings);
    expect(result).toMatchObject({
      accuracy: { value: 0.5, low: 0.5, high: 0.5 },
      given: { value: 1 },
      swapped: { value: 0 },
      positionVariation: 1,
      orderAgreement: 0,
      firstWins: 1,
    });
  });

  it("lets the majority of the first k votes decide", () => {
    const outcomes = both(["BAA", "ABB"], ["A?B", "BB?"], ["???", "?AB"]);
    const at = (votes: number) => pairAccuracy(outcomes, { ...settings, votes });
    // One vote: B wrong, A wrong (swapped), A right, B right, ? wrong, ? wrong.
    expect(at(1)).toMatchObject({ accuracy: { value: 2 / 6 }, ties: 0, parseFailures: 2 });
    // Two: tie, tie, A right, B right, ? wrong, A wrong (swapped).
    expect(at(2)).toMatchObject({ accuracy: { value: 2 / 6 }, ties: 2, parseFailures: 1 });
    // Three: A right, B right, tie, B right, ? wrong, tie.
    expect(at(3)).toMatchObject({ accuracy: { value: 3 / 6 }, ties: 2, parseFailures: 1 });
    expect(pairAccuracy(outcomes, settings)).toEqual(at(3));
  });

  it("leaves out what could not be judged, and says how much", () => {
    const failed = (kind: "context" | "infrastructure"): PairVerdict => ({
      status: "failed",
      kind,
      detail: "x",
    });
    const outcomes = [
      ...both(["A", "B"]),
      outcome(1, "given", "", failed("infrastructure")),
      outcome(1, "swapped", "A"),
      outcome(2, "given", "", failed("context")),
      outcome(2, "swapped", "", failed("context")),
    ];
    expect(pairAccuracy(outcomes, settings)).toMatchObject({
      pairs: 3,
      judgements: 6,
      accuracy: { value: 2 / 3, clusters: 2 },
      given: { value: 1, clusters: 1 },
      swapped: { value: 1 / 2, clusters: 2 },
      orderAgreement: 1,
      parseFailures: 0,
      parseFailureRate: 0,
      unjudged: 3,
    });
    const nothing = pairAccuracy([outcome(0, "given", "", failed("infrastructure"))], settings);
    expect(nothing).toMatchObject({ accuracy: null, firstWins: null, parseFailureRate: null, unjudged: 1 });
  });

  it("measures no position effect in one order", () => {
    const outcomes = both(["A", "B"], ["A", "A"]).filter(({ order }) => order === "given");
    expect(pairAccuracy(outcomes, settings)).toMatchObject({
      accuracy: { value: 1 },
      given: null,
      swapped: null,
      mixed: null,
      positionVariation: null,
      orderAgreement: null,
      firstWins: 1,
    });
    expect(pairAccuracy([], settings)).toMatchObject({ pairs: 0, accuracy: null, positionVariation: null });
  });

  it("scores against the truth where labels are noisy, and counts rubrics that are none", () => {
    const outcomes = both(["A", "B"], ["A", "B"]).map((judged) => ({
      ...judged,
      rubricFault: "no-items: x",
    }));
    const trueWinners = new Map([["pair 1", "rejected" as const]]);
    expect(pairAccuracy(outcomes, { ...settings, trueWinners })).toMatchObject({
      accuracy: { value: 0.5 },
      orderAgreement: 1,
      rubricFaults: 4,
    });
  });

  it("turns around when the judge does", () => {
    const letters = fc.constantFrom("A", "B");
    fc.assert(
      fc.property(fc.array(fc.tuple(letters, letters), { minLength: 1, maxLength: 20 }), (pairs) => {
        const opposite = (letter: string) => (letter === "A" ? "B" : "A");
        const one = pairAccuracy(both(...pairs), settings);
        const other = pairAccuracy(
          both(...pairs.map(([g, s]) => [opposite(g), opposite(s)] as const)),
          settings,
        );
        expect(one.accuracy!.value + other.accuracy!.value).toBeCloseTo(1, 12);
        expect(one.firstWins! + other.firstWins!).toBeCloseTo(1, 12);
        expect(one.orderAgreement).toBe(other.orderAgreement);
        expect(one.accuracy!.value).toBeCloseTo((one.given!.value + one.swapped!.value) / 2, 12);
        // P(first wins) = (given + 1 − swapped) / 2.
        expect(one.firstWins!).toBeCloseTo((one.given!.value + 1 - one.swapped!.value) / 2, 12);
      }),
    );
  });
});

describe("pairScores", () => {
  it("gives the clusters of a paired comparison", () => {
    const before = both(["A", "A"], ["B", "A"], ["?", "B"]);
    const after = both(["A", "B"], ["A", "B"], ["A", "B"]);
    expect(pairScores(before)).toEqual([
      [1, 0],
      [0, 0],
      [0, 1],
    ]);
    expect(bootstrapDifference(pairScores(before), pairScores(after), settings)?.value).toBeCloseTo(
      4 / 6,
      12,
    );
  });
});
