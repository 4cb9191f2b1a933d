import { describe, expect, test } from "vitest";
import type { Prompt } from "../data/prompt.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";
import type { RubricJudge } from "../judge/rubric-judge.ts";
import { NO_USAGE } from "../llm/language-model.ts";
import type { Aggregator } from "../reward/aggregate.ts";
import type { Rubric } from "../rubric/rubric.ts";
import { type DifferentiationSettings, differentiate } from "./differentiate.ts";
import type { RubricTask, RubricWriter, RubricWriting } from "./rubric-writer.ts";

const prompt: Prompt = { id: "p", messages: [{ role: "user", content: "Name a colour." }] };

/** One criterion a letter: it holds of responses with that letter, and weighs what the digit after it says. */
const rubricOf = (...criteria: readonly string[]): Rubric => ({
  criteria: criteria.map((text, i) => ({
    id: `c${i + 1}`,
    text: text[0]!,
    weight: Number(text[1] ?? 1),
    polarity: "good",
  })),
});

/** Looks for the letter; "?" in a response makes its judgement fail. */
function letterJudge() {
  const judged: string[] = [];
  const judge: RubricJudge = {
    id: "letters",
    async judge({ response, rubric }) {
      judged.push(response);
      const verdicts = rubric.criteria.map(
        ({ text }): CriterionVerdict =>
          response.includes("?")
            ? { status: "failed", kind: "parse", detail: "unreadable" }
            : { status: "scored", value: response.includes(text) ? 1 : 0, reason: null },
      );
      return { verdicts, rating: null, replies: [], usage: { ...NO_USAGE, calls: 1 } };
    },
  };
  return { judge, judged };
}

const sum: Aggregator = ({ criteria }, verdicts) => {
  const scored = verdicts.flatMap((verdict) => (verdict.status === "scored" ? [verdict.value] : []));
  if (scored.length < criteria.length) return { score: null, coverage: 0 };
  return { score: criteria.reduce((total, { weight }, i) => total + weight * scored[i]!, 0), coverage: 1 };
};
const share: Aggregator = (rubric, verdicts) => {
  const { score, coverage } = sum(rubric, verdicts);
  const total = rubric.criteria.reduce((all, { weight }) => all + weight, 0);
  return { score: score === null ? null : score / total, coverage };
};

/** Writes the given rubrics in order; null is a failed refinement. */
function proposerOf(rubrics: readonly (Rubric | null)[]) {
  const tasks: RubricTask[] = [];
  const writer: RubricWriter = {
    id: "proposer",
    async write(task): Promise<RubricWriting> {
      const rubric = rubrics[tasks.length] ?? null;
      tasks.push(task);
      const trace = { replies: [], faults: [], repairs: [], usage: { ...NO_USAGE, calls: 1 } };
      return rubric === null
        ? { ...trace, status: "failed", kind: "parse", detail: "no-list: none" }
        : { ...trace, status: "written", rubric };
    },
  };
  return { writer, tasks };
}

function settings(
  proposer: RubricWriter,
  verifier: RubricJudge,
  more: Partial<DifferentiationSettings> = {},
): DifferentiationSettings {
  return {
    ...{ proposer, verifier, score: sum, normalisedScore: share, rounds: 2, excludeUsed: false },
    ...more,
  };
}

describe("refinement through differentiation", () => {
  test("scores with the round's rubric, takes the best two, and replaces the rubric as a whole", async () => {
    const second = rubricOf("c", "d2");
    const third = rubricOf("e3");
    const { writer, tasks } = proposerOf([second, third]);
    const { judge } = letterJudge();
    // By hand: with a3 b1 they score 4, 3, 1, 0 of 4; with c1 d2 they score 0, 1, 2, 3 of 3.
    const candidates = ["ab", "ac", "bd", "cd"];
    const result = await differentiate(
      { prompt, rubric: rubricOf("a3", "b1"), candidates },
      settings(writer, judge),
    );
    expect(result).toMatchObject({ rubric: third, stopped: "rounds" });
    expect(result.rounds.map(({ scores }) => scores!.map(({ score }) => score))).toEqual([
      [4, 3, 1, 0],
      [0, 1, 2, 3],
    ]);
    expect(result.rounds[1]!.scores!.map(({ normalised }) => normalised)).toEqual([0, 1 / 3, 2 / 3, 1]);
    expect(result.rounds.map(({ pair }) => pair)).toEqual([
      [0, 1],
      [3, 2],
    ]);
    expect(tasks.map(({ ranked, rubric }) => ({ ranked, rubric }))).toEqual([
      { ranked: ["ab", "ac"], rubric: rubricOf("a3", "b1") },
      { ranked: ["cd", "bd"], rubric: second },
    ]);
    expect(result.rounds.map(({ rubric }) => rubric)).toEqual([second, third]);
    // Four judgements and one proposal a round.
    expect(result.usage.calls).toBe(10);
  });

  test("keeps the candidates' order in ties", async () => {
    const { writer } = proposerOf([]);
    const { rounds } = await differentiate(
      { prompt, rubric: rubricOf("a"), candidates: ["x", "a1", "a2", "a3"] },
      settings(writer, letterJudge().judge, { rounds: 1 }),
    );
    expect(rounds[0]!.pair).toEqual([1, 2]);
  });

  test("a refinement that fails keeps the rubric, and the next round goes on from it", async () => {
    const better = rubricOf("b");
    const { writer, tasks } = proposerOf([null, better]);
    const { judge, judged } = letterJudge();
    const result = await differentiate(
      { prompt, rubric: rubricOf("a"), candidates: ["a", "b", "ab"] },
      settings(writer, judge),
    );
    // Neither rubric nor candidates changed, so the scores of the first round still hold.
    expect(judged).toHaveLength(3);
    expect(result.rounds[1]!.scores).toEqual(result.rounds[0]!.scores);
    expect(result.rounds.map(({ outcome }) => outcome)).toEqual(["kept", "improved"]);
    expect(result.rounds[0]).toMatchObject({
      rubric: rubricOf("a"),
      failures: [{ step: "improve", kind: "parse", detail: "no-list: none" }],
    });
    expect(tasks[1]!.rubric).toEqual(rubricOf("a"));
    expect(result.rubric).toEqual(better);
  });

  test("excludes the used pair where asked, and stops when fewer than two are left", async () => {
    const run = async (excludeUsed: boolean) => {
      const { judge, judged } = letterJudge();
      const rubrics = Array.from({ length: 4 }, () => rubricOf("a"));
      const { writer } = proposerOf(rubrics);
      const candidates = ["a1", "a2", "a3", "a4", "a5"];
      const result = await differentiate(
        { prompt, rubric: rubricOf("a"), candidates },
        settings(writer, judge, { rounds: 4, excludeUsed }),
      );
      return { ...result, pairs: result.rounds.map(({ pair }) => pair), judged: judged.length };
    };
    expect(await run(true)).toMatchObject({
      pairs: [
        [0, 1],
        [2, 3],
      ],
      stopped: "candidates-used-up",
      judged: 5 + 3,
    });
    expect(await run(false)).toMatchObject({ pairs: Array(4).fill([0, 1]), stopped: "rounds", judged: 20 });
  });

  test("two candidates are not scored, for there is nothing to choose", async () => {
    const { judge, judged } = letterJudge();
    const { writer, tasks } = proposerOf([rubricOf("b")]);
    const { rounds } = await differentiate(
      { prompt, rubric: rubricOf("a"), candidates: ["x", "a"] },
      settings(writer, judge, { rounds: 1 }),
    );
    expect(rounds[0]).toMatchObject({ scores: null, pair: [0, 1], outcome: "improved" });
    expect(judged).toEqual([]);
    expect(tasks[0]!.ranked).toEqual(["x", "a"]);
  });

  test("a candidate without a score is never chosen; a round with fewer than two scores keeps the rubric", async () => {
    const { writer, tasks } = proposerOf([rubricOf("b"), rubricOf("c")]);
    const { judge } = letterJudge();
    const one = await differentiate(
      { prompt, rubric: rubricOf("a"), candidates: ["a?", "a", "x", "b?"] },
      settings(writer, judge, { rounds: 1 }),
    );
    expect(one.rounds[0]).toMatchObject({ pair: [1, 2], outcome: "improved" });
    expect(one.rounds[0]!.scores![0]).toEqual({ candidate: 0, score: null, normalised: null, coverage: 0 });
    expect(one.rounds[0]!.failures).toHaveLength(2);
    const none = await differentiate(
      { prompt, rubric: rubricOf("a"), candidates: ["a?", "a", "b?"] },
      settings(writer, judge, { rounds: 1 }),
    );
    expect(none.rounds[0]).toMatchObject({ pair: null, outcome: "kept", rubric: rubricOf("a") });
    expect(tasks).toHaveLength(1);
  });

  test("0 rounds change nothing; rejects bad settings and aborts", async () => {
    const { judge } = letterJudge();
    const task = { prompt, rubric: rubricOf("a"), candidates: ["a", "b", "c"] };
    const none = await differentiate(task, settings(proposerOf([]).writer, judge, { rounds: 0 }));
    expect(none).toEqual({ rubric: rubricOf("a"), rounds: [], stopped: "rounds", usage: NO_USAGE });
    await expect(
      differentiate(task, settings(proposerOf([]).writer, judge, { rounds: 1.5 })),
    ).rejects.toThrow("rounds is 1.5");
    await expect(
      differentiate(task, settings(proposerOf([]).writer, judge), {
        signal: AbortSignal.abort(new Error("stop")),
      }),
    ).rejects.toThrow("stop");
  });
});
