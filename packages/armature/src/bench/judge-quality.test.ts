import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { promptId } from "../data/content-id.ts";
import type { Message } from "../data/prompt.ts";
import type { PairOutcome, Vote } from "../judge/outcome.ts";
import { majorityVerdict } from "../judge/outcome.ts";
import { RowJournal } from "../run/row-journal.ts";
import { benchResult } from "./bench-result.ts";
import { LONGER, type PairScorer, type ResponseScorer } from "./bench-scorer.ts";
import type { BenchItem } from "./bench-suite.ts";
import { type JournalEntry, journaledScorer } from "./journaled-scorer.ts";
import { judgeItems } from "./judge-items.ts";
import { suiteNamed } from "./suites.ts";

const pairs = suiteNamed("pairs");
const FACTS = { scorer: "s", files: [], leftOut: {}, overlap: null, seed: 0, seconds: 1, resamples: 200 };

function itemOf(question: string, chosen: string, rejected: string): BenchItem {
  const messages: Message[] = [{ role: "user", content: question }];
  return {
    ...{ id: question, prompt: { id: promptId(messages), messages } },
    ...{ chosen: [chosen], rejected: [rejected], subset: "x", source: { file: "f", line: 1 } },
  };
}

/** Votes A, B or unreadable (?), by pair and order. */
function voting(
  votesOf: (question: string) => { readonly given: string; readonly swapped: string },
): PairScorer {
  return {
    id: "votes",
    judge: async (asked) =>
      asked.flatMap((pair, pairIndex) =>
        (["given", "swapped"] as const).map((order): PairOutcome => {
          const said = votesOf(pair.prompt.messages[0]!.content)[order];
          const votes = Array.from(said, (side): Vote => {
            const winner = side === "?" ? null : (side as "A" | "B");
            return { text: side, cutOff: false, judgement: { winner, formatOk: winner !== null } };
          });
          const place = { pairIndex, pairId: pair.id, order, rubric: "", rubricFault: null };
          return { ...place, votes, verdict: majorityVerdict(votes, order) };
        }),
      ),
  };
}

describe("vote@k", () => {
  it("is the suite's average by the first votes, in both orders, and probabilities are shares of votes", async () => {
    const scorer = voting((question) =>
      question === "q1" ? { given: "ABA", swapped: "BBA" } : { given: "BAA", swapped: "A?A" },
    );
    const items = [itemOf("q1", "a", "b"), itemOf("q2", "c", "d")];
    const { votes, calibration, failures } = benchResult(pairs, await judgeItems(items, scorer), FACTS);
    // First votes: q1 right, right; q2 wrong, wrong. All three: q1 right (2 of 3), right (2 of 3); q2 right, wrong.
    expect(votes!.map(({ k, value }) => [k, value])).toEqual([
      [1, 0.5],
      [3, 0.75],
    ]);
    // q1: (2/3 + 2/3) / 2; q2: (2/3 + 0) / 2 of the readable votes; each from both sides.
    expect(calibration!.count).toBe(4);
    const [p1, p2] = [2 / 3, 1 / 3];
    expect(calibration!.brier).toBeCloseTo(((p1 - 1) ** 2 + (p2 - 1) ** 2) / 2, 12);
    expect(failures).toEqual({});
  });

  it("is nothing where one vote was taken, and such a vote is no probability", async () => {
    const scorer = voting(() => ({ given: "A", swapped: "?" }));
    const result = benchResult(pairs, await judgeItems([itemOf("q", "a", "b")], scorer), FACTS);
    expect(result).toMatchObject({ votes: null, calibration: null, parseFailures: 1 });
    expect(result.failures).toEqual({ parse: { count: 1, first: "no winner" } });
  });
});

describe("scorers of single responses", () => {
  const logistic: ResponseScorer = {
    id: "logistic",
    score: async (_, response) => ({ value: response.length }),
    winProbability: (difference) => 1 / (1 + Math.exp(-difference)),
  };

  it("are calibrated by what their scores mean", async () => {
    const items = [itemOf("q1", "aaa", "a"), itemOf("q2", "a", "aa")];
    const judged = await judgeItems(items, logistic);
    const { calibration } = benchResult(pairs, judged, {
      ...FACTS,
      winProbability: logistic.winProbability!,
    });
    const right = 1 / (1 + Math.exp(-2));
    const wrong = 1 / (1 + Math.exp(1));
    expect(calibration!.brier).toBeCloseTo(((1 - right) ** 2 + (1 - wrong) ** 2) / 2, 12);
    expect(benchResult(pairs, judged, FACTS).calibration).toBeNull();
  });

  it("are asked in batches where they can be, each response once, and say why a score is missing", async () => {
    const asked: string[][] = [];
    const scorer: ResponseScorer = {
      id: "batch",
      score: () => Promise.reject(new Error("not alone")),
      scoreMany: async (tasks) => {
        asked.push(tasks.map(({ response }) => response));
        return tasks.map(({ response }) =>
          response === "bad"
            ? { value: null, failure: { kind: "parse", detail: "no verdict" }, coverage: 0 }
            : { value: response.length, coverage: 1 },
        );
      },
    };
    const items = [itemOf("q1", "aaa", "a"), itemOf("q1", "aaa", "bad")];
    const result = benchResult(pairs, await judgeItems(items, scorer), FACTS);
    expect(asked).toEqual([["aaa", "a", "bad"]]);
    expect(result).toMatchObject({ unjudged: 1, coverage: 0.75, average: { value: 1 } });
    expect(result.failures).toEqual({ parse: { count: 1, first: "no verdict" } });
  });

  it("stop where they are told to", async () => {
    const controller = new AbortController();
    const items = Array.from({ length: 300 }, (_, i) => itemOf(`q${i}`, "aa", "a"));
    const judging = judgeItems(items, LONGER, {
      signal: controller.signal,
      concurrency: 1,
      onProgress: (done) => {
        if (done === 10) controller.abort(new Error("enough"));
      },
    });
    await expect(judging).rejects.toThrow("enough");
  });
});

it("draws from all subsets of one prompt together, for one prompt alone does not vary", async () => {
  const items = ["aa", "a", "aa", "a"].map((chosen, i) => ({
    ...itemOf(`q${i}`, chosen, i % 2 === 0 ? "a" : "aa"),
    subset: `subset ${i}`,
  }));
  const { average } = benchResult(suiteNamed("evalbiasbench"), await judgeItems(items, LONGER), FACTS);
  expect(average!.value).toBe(0.5);
  expect(average!.low).toBeLessThan(0.3);
  expect(average!.high).toBeGreaterThan(0.7);
});

describe("a log of what a scorer said", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "armature-journal-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const open = () => RowJournal.open<JournalEntry>(join(folder, "judged.jsonl"), { scorer: "s" });
  const items = Array.from({ length: 150 }, (_, i) => itemOf(`q${i}`, "aaa", "a"));

  it.each([
    ["pairs", voting(() => ({ given: "A", swapped: "B" }))],
    ["responses", { id: "s", score: async (_, response) => ({ value: response.length }) } as ResponseScorer],
  ] as const)("is not asked again about %s after a stop", async (_, scorer) => {
    const controller = new AbortController();
    let calls = 0;
    const counted =
      "score" in scorer
        ? {
            ...scorer,
            scoreMany: undefined,
            score: (...task: Parameters<ResponseScorer["score"]>) => {
              calls++;
              return scorer.score(...task);
            },
          }
        : {
            ...scorer,
            judge: async (asked: Parameters<PairScorer["judge"]>[0]) => {
              calls += asked.length;
              return scorer.judge(asked);
            },
          };
    const { scoreMany: __, ...plain } = counted as ResponseScorer;
    const first = open();
    const stopping = judgeItems(items, journaledScorer(plain as ResponseScorer, first, controller.signal), {
      onProgress: () => controller.abort(new Error("stop")),
      signal: controller.signal,
    });
    await expect(stopping).rejects.toThrow("stop");
    first.close();
    expect(calls).toBe(64);
    const second = open();
    const again = await judgeItems(
      items,
      journaledScorer(plain as ResponseScorer, second, new AbortController().signal),
    );
    second.close();
    const once = await judgeItems(items, scorer);
    const distinct = "score" in scorer ? 300 : 150;
    expect(calls).toBe(distinct);
    expect(again.map(({ comparisons }) => comparisons[0]!.value)).toEqual(
      once.map(({ comparisons }) => comparisons[0]!.value),
    );
  });
});
