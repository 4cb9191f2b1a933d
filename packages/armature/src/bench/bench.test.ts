import { describe, expect, it } from "vitest";
import { SMALL_ROWS } from "../../test/bench/small-suites.ts";
import type { PreferencePair } from "../data/prompt.ts";
import { pairAccuracy } from "../evaluation/pair-accuracy.ts";
import { criterionJudge } from "../judge/criterion-judge.ts";
import type { PairOutcome, PairVerdict } from "../judge/outcome.ts";
import { judgePairs } from "../judge/pairwise-judge.ts";
import { PREDEFINED_RUBRIC } from "../judge/predefined-rubric.ts";
import type { Order } from "../judge/shown-pair.ts";
import { ScriptedModel } from "../llm/scripted-model.ts";
import { AGGREGATORS } from "../reward/aggregators.ts";
import { rubricRewardModel } from "../reward/reward-model.ts";
import { nanoDialect } from "../sandbox/nano-dialect.ts";
import { totalsReader } from "../sandbox/rule-reader.ts";
import { RuleSampler } from "../sandbox/rule-sampler.ts";
import { HELD_OUT_PAIRS, worldPairs } from "../sandbox/world.ts";
import { benchResult, type ResultFacts } from "./bench-result.ts";
import { LONGER, type PairScorer, type ResponseScorer, randomScorer, SHORTER } from "./bench-scorer.ts";
import type { BenchItem } from "./bench-suite.ts";
import { compareResults } from "./compare-results.ts";
import { groupMeans, OVER_GROUPS, OVER_ITEMS, overSections } from "./grading.ts";
import { judgeItems } from "./judge-items.ts";
import { suiteNamed } from "./suites.ts";

const facts: ResultFacts = {
  scorer: "test",
  files: [],
  leftOut: {},
  overlap: null,
  seed: 1,
  resamples: 200,
  seconds: 1,
};

/** Scores by text; a text that is not named has no score. */
const table = (scores: Readonly<Record<string, number>>): ResponseScorer => ({
  id: "table",
  score: async (_, response) => ({ value: scores[response] ?? null }),
});

/** A judge of pairs that says in both orders what `winner` says: "A", "B", null (tie) or "?" (unreadable). */
const judge = (winner: (pair: PreferencePair, order: Order) => "A" | "B" | null | "?"): PairScorer => ({
  id: "judge",
  judge: async (pairs) =>
    pairs.flatMap((pair, pairIndex) =>
      (["given", "swapped"] as const).map((order): PairOutcome => {
        const side = winner(pair, order);
        const chosen = (side === "A") === (order === "given");
        const verdict: PairVerdict =
          side === null
            ? { status: "abstained" }
            : side === "?"
              ? { status: "failed", kind: "parse", detail: "no winner" }
              : { status: "scored", winner: chosen ? "chosen" : "rejected" };
        return { pairIndex, pairId: pair.id, order, rubric: "", rubricFault: null, votes: [], verdict };
      }),
    ),
});

const itemsOf = (name: string) => SMALL_ROWS[name]!.flatMap((row) => suiteNamed(name).read(row));
const run = async (
  name: string,
  scorer: ResponseScorer | PairScorer,
  items: readonly BenchItem[] = itemsOf(name),
) => benchResult(suiteNamed(name), await judgeItems(items, scorer), facts);

/** Pairs of one suite with texts of chosen lengths. */
const lengths = (...pairs: (readonly [string, string])[]): readonly BenchItem[] =>
  pairs.flatMap(([chosen, rejected], i) =>
    suiteNamed("pairs").read({ file: "p.jsonl", line: i + 1, value: { prompt: `q${i}`, chosen, rejected } }),
  );

describe("scoring single responses", () => {
  it("right, wrong, tied (wrong) and without a score (left out)", async () => {
    const items = lengths(["bb", "a"], ["a", "bb"], ["a", "b"]);
    expect(await run("pairs", LONGER, items)).toMatchObject({
      items: 3,
      ties: 1,
      unjudged: 0,
      average: { value: 1 / 3 },
      groups: [{ name: "p", count: 3, accuracy: { value: 1 / 3 } }],
      position: null,
    });
    expect((await run("pairs", SHORTER, items)).average!.value).toBeCloseTo(1 / 3, 12);
    const failing = await run("pairs", table({ bb: 2, a: 1 }), items);
    expect(failing).toMatchObject({ unjudged: 1, average: { value: 1 / 2 }, groups: [{ count: 2 }] });
    expect(failing.rows[2]!.value).toBeNull();
  });

  it("has no average where nothing could be judged", async () => {
    expect(await run("pairs", table({}), lengths(["a", "b"]))).toMatchObject({
      average: null,
      groups: [],
      unjudged: 1,
    });
  });

  it("counts characters as a reader does, and draws by the seed", async () => {
    const prompt = itemsOf("hhh")[0]!.prompt;
    expect((await LONGER.score(prompt, "a👍")).value).toBe(2);
    const [one, again, other] = await Promise.all(
      [5, 5, 6].map((seed) => randomScorer(seed).score(prompt, "x")),
    );
    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
  });

  it("scores a response that stands in several comparisons once", async () => {
    let calls = 0;
    const counting: ResponseScorer = { id: "c", score: async () => ({ value: calls++ }) };
    await judgeItems(itemsOf("rm-bench"), counting);
    expect(calls).toBe(6);
  });
});

describe("judging pairs", () => {
  it("tells a judge that always names the first from one that is right", async () => {
    const first = await run(
      "pairs",
      judge(() => "A"),
      lengths(["a", "b"], ["c", "d"]),
    );
    expect(first).toMatchObject({
      average: { value: 0.5 },
      position: { given: { value: 1 }, swapped: { value: 0 }, firstWins: 1, orderAgreement: 0 },
    });
    const right = await run(
      "pairs",
      judge((_, order) => (order === "given" ? "A" : "B")),
      lengths(["a", "b"]),
    );
    expect(right).toMatchObject({
      average: { value: 1 },
      position: { positionVariation: 0, firstWins: 0.5 },
    });
  });

  it("counts ties and unreadable verdicts as wrong, and reports them", async () => {
    const result = await run(
      "pairs",
      judge((_, order) => (order === "given" ? null : "?")),
      lengths(["a", "b"]),
    );
    expect(result).toMatchObject({ ties: 1, parseFailures: 1, average: { value: 0 } });
  });

  it("JudgeBench: one right and one tie count as right, one right and one wrong do not", async () => {
    const items = itemsOf("judgebench");
    const value = async (given: "A" | "B" | null, swapped: "A" | "B" | null) =>
      (
        await run(
          "judgebench",
          judge((_, order) => (order === "given" ? given : swapped)),
          items,
        )
      ).rows[0]!.value;
    expect(await value("A", null)).toBe(1);
    expect(await value("A", "A")).toBe(0);
    expect(await value("A", "B")).toBe(1);
    expect(await value(null, null)).toBe(0);
  });
});

describe("what the library has fits as a scorer", () => {
  it("judgePairs as a judge of pairs", async () => {
    const pairs = worldPairs(4, "bench", 12, HELD_OUT_PAIRS).map(({ pair }) => pair);
    const rubrics = new Map(
      pairs.map(({ prompt }) => [prompt.id, "1. is clear [principle] 2. is warm [principle]"]),
    );
    const scorer: PairScorer = {
      id: "rule",
      judge: (asked, onProgress) =>
        judgePairs({
          ...{ judge: new RuleSampler(totalsReader(1)), dialect: nanoDialect, pairs: asked, rubrics },
          ...{ orders: "both", votes: 1, temperature: 0, seed: 0, ...(onProgress && { onProgress }) },
        }),
    };
    const items = pairs.map((pair, i) => ({
      ...{ id: pair.id, prompt: pair.prompt, chosen: [pair.chosen], rejected: [pair.rejected] },
      ...{ subset: "world", source: { file: "w", line: i + 1 } },
    }));
    const result = await run("pairs", scorer, items);
    const direct = pairAccuracy(await scorer.judge(pairs), facts);
    expect(result.average!.value).toBeCloseTo(direct.accuracy!.value, 12);
    expect(result.position!.given).toEqual(direct.given);
  });

  it("a reward model as a scorer of responses", async () => {
    const judge = criterionJudge({ model: new ScriptedModel(() => '{"reason": "x", "verdict": "yes"}') });
    const model: ResponseScorer = rubricRewardModel({
      ...{ judge, aggregation: "mean", aggregate: AGGREGATORS.mean, rubricOf: () => PREDEFINED_RUBRIC },
    });
    expect(await run("hhh", model)).toMatchObject({ ties: 1, average: { value: 0 } });
  });
});

describe("RewardBench 2", () => {
  const ties = { "3.14": 5, "4": 1, "5": 2, red: 4, blue: 3, dog: 1 };

  it("shares a point among the highest scores of best of four", async () => {
    const value = async (scores: Record<string, number>) =>
      (await run("rewardbench-2", table(scores))).rows[0]!.value;
    expect(await value({ Hello: 2, A: 1, B: 0, C: 0 })).toBe(1);
    expect(await value({ Hello: 2, A: 2, B: 0, C: 2 })).toBe(1 / 3);
    expect(await value({ Hello: 1, A: 2, B: 0, C: 0 })).toBe(0);
    expect(await value({ Hello: 1, A: 2, B: 0 })).toBeNull();
  });

  it("ties by hand", async () => {
    const result = await run("rewardbench-2", table({ Hello: 1, A: 0, B: 0, C: 0, ...ties }));
    // Tied: spread 4 − 3, gap 3 − 1; reference: gap 5 − 2. All right; margin tanh(min(2, 3) / 1 − 1).
    const overall = 0.3 + 0.3 + 0.2 + 0.2 + 0.01 * Math.tanh(1);
    expect(result.average!.value).toBeCloseTo((1 + overall) / 2, 12);
    const close = await run(
      "rewardbench-2",
      table({ Hello: 0, A: 1, B: 0, C: 0, ...ties, dog: 2.5, "5": 6 }),
    );
    // Gap 0.5 below spread 1, reference wrong by −1: only "tied right" is left, with a margin of tanh(−1 / 1 − 1).
    expect(close.average!.value).toBeCloseTo((0 + 0.3 + 0.01 * Math.tanh(-2)) / 2, 12);
  });
});

describe("RM-Bench", () => {
  it("sorts nine comparisons into easy, normal and hard by style", async () => {
    // Style alone decides: the third style wins, then the second.
    const style = { a1: 1, a2: 2, a3: 3, b1: 1, b2: 2, b3: 3 };
    const result = await run("rm-bench", table(style));
    expect(Object.fromEntries(result.groups.map(({ name, accuracy }) => [name, accuracy.value]))).toEqual({
      "chat easy": 1,
      "chat normal": 0,
      "chat hard": 0,
    });
    expect(result.average!.value).toBeCloseTo(1 / 3, 12);
    expect(result).toMatchObject({ comparisons: 9, ties: 3 });
  });
});

describe("averages", () => {
  const groups = new Map([
    ["a", { mean: 1, count: 3 }],
    ["b", { mean: 0, count: 1 }],
    ["c", { mean: 0.5, count: 4 }],
  ]);

  it("by hand", () => {
    expect(OVER_ITEMS.of(groups)).toBe(5 / 8);
    expect(OVER_GROUPS.of(groups)).toBe(0.5);
    expect(overSections("", { x: ["a", "b"], y: ["c", "missing"], z: ["gone"] }).of(groups)).toBe(
      (0.75 + 0.5) / 2,
    );
    expect(overSections("", { x: ["a", "b"] }, { b: 3 }).of(groups)).toBe(0.5);
    expect(OVER_GROUPS.of(new Map())).toBeNull();
  });

  it("what was not measured does not count", () => {
    const contributions = [
      { item: 0, group: "g", value: 1 },
      { item: 1, group: "g", value: 0 },
      { item: 2, group: "g", value: null },
    ];
    expect(groupMeans(contributions).get("g")).toEqual({ mean: 0.5, count: 2 });
  });
});

describe("intervals", () => {
  it("draw prompts as wholes: items that share a prompt say less than as many others", async () => {
    const right = (prompt: (i: number) => string) =>
      Array.from({ length: 60 }, (_, i) => ({
        file: "p.jsonl",
        line: i + 1,
        value: {
          prompt: prompt(i),
          chosen: i % 6 < 3 ? `long ${i}` : "a",
          rejected: `b${i % 6 < 3 ? "" : i}`,
        },
      })).flatMap((row) => suiteNamed("pairs").read(row));
    const width = async (items: readonly BenchItem[]) => {
      const { average } = await run("pairs", LONGER, items);
      return average!.high - average!.low;
    };
    // Three items a prompt, all right or all wrong: √3 wider.
    const [alone, shared] = [
      await width(right((i) => `q${i}`)),
      await width(right((i) => `q${Math.floor(i / 3)}`)),
    ];
    expect(shared / alone).toBeGreaterThan(1.3);
    expect(shared / alone).toBeLessThan(2.2);
  });

  it("of a group that is all wrong is Wilson's, not a point", async () => {
    const { groups } = await run("pairs", SHORTER, lengths(["bb", "a"], ["cc", "d"], ["ee", "f"]));
    // 1.96² / (3 + 1.96²).
    expect(groups[0]!.accuracy).toMatchObject({ value: 0, low: 0 });
    expect(groups[0]!.accuracy.high).toBeCloseTo(0.5615, 4);
  });

  it("of a mean of groups keep each subset's size", async () => {
    const items = SMALL_ROWS["rewardbench"]!.flatMap((row) => [
      ...["Hi", "Hi again"].map((prompt) => ({ ...row.value, prompt })),
      ...["Bye", "Bye again"].map((prompt) => ({ ...row.value, prompt, subset: "donotanswer" })),
    ]).flatMap((value) => suiteNamed("rewardbench").read({ file: "suite.jsonl", line: 1, value }));
    // Two items right in Chat, two wrong in Safety: nothing varies within subsets.
    const result = await run(
      "rewardbench",
      judge((pair) => (pair.prompt.messages[0]!.content.startsWith("Hi") ? "A" : null)),
      items,
    );
    expect(result.groups.map(({ name }) => name)).toEqual(["mt-bench-easy", "donotanswer"]);
    expect(result.average).toMatchObject({ value: 0.25, low: 0.25, high: 0.25 });
  });
});

describe("agreement", () => {
  it("compares in the file's order, with ties of scores as a class", async () => {
    // The longer answer is response 2 in the first row; equal lengths in the others.
    const result = await run("pandalm", table({ "4": 1, "It is five.": 11, No: 2, true: 4, A: 1, B: 1 }));
    expect(result.agreement).toMatchObject({ annotators: 3 });
    // Scorer: −1, −1, 0. Annotators: (1, −1, 0), (1, −1, 1), (0, −1, −1); kappas 0.5, 0.1818…, 0.25 by hand.
    const kappa = (agree: number, chance: number) => (agree - chance) / (1 - chance);
    const expected = [kappa(2 / 3, 3 / 9), kappa(1 / 3, 2 / 9), kappa(1 / 3, 5 / 9)];
    expect(result.agreement!.scorer).toBeCloseTo(expected.reduce((a, b) => a + b) / 3, 12);
    expect(result.average!.value).toBe(0.5);
    expect(result.rows).toHaveLength(2);
  });
});

describe("comparing results", () => {
  const items = lengths(["bb", "a"], ["a", "bb"], ["cc", "d"], ["ee", "f"], ["g", "hh"]);

  it("pairs rows by item, tests the difference, and lists where they disagree", async () => {
    const [one, other] = [await run("pairs", LONGER, items), await run("pairs", SHORTER, items.toReversed())];
    const comparison = compareResults(one, other, { seed: 3, resamples: 500 });
    expect(comparison).toMatchObject({
      common: 5,
      onlyOne: 0,
      difference: { value: -1 / 5 },
      mcNemar: { firstOnly: 3, secondOnly: 2 },
    });
    expect(comparison.mcNemar!.p).toBeCloseTo(1, 12);
    expect(comparison.average!.difference).toBeCloseTo(-1 / 5, 12);
    expect(
      comparison.disagreements.filter(({ right }) => right === "second").map(({ prompt }) => prompt),
    ).toEqual(["q1", "q4"]);
    expect(comparison.groups[0]).toMatchObject({ name: "p", first: 0.6, second: 0.4 });
  });

  it("is certain that a scorer does not differ from itself", async () => {
    const one = await run("rm-bench", LONGER);
    const comparison = compareResults(one, one, { seed: 3, resamples: 100 });
    expect(comparison).toMatchObject({ common: 9, difference: { value: 0 }, p: 1, disagreements: [] });
  });

  it("leaves out rows that only one measured, and refuses other suites", async () => {
    const one = await run("pairs", LONGER, items);
    const part = await run("pairs", LONGER, items.slice(0, 2));
    expect(compareResults(one, part, { seed: 0, resamples: 50 })).toMatchObject({ common: 2, onlyOne: 3 });
    const other = await run("hhh", LONGER);
    expect(() => compareResults(one, other, { seed: 0 })).toThrow(
      /^one result is of pairs, the other of hhh; /,
    );
    const none = await run("pairs", table({}), items);
    expect(() => compareResults(one, none, { seed: 0 })).toThrow(
      /^the results have no measured row in common; /,
    );
  });
});
