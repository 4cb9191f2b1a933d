import { describe, expect, test } from "vitest";
import type { Prompt } from "../data/prompt.ts";
import type { PairVerdict } from "../judge/outcome.ts";
import { NO_USAGE } from "../llm/language-model.ts";
import { filterByLabels, type PairByRubric } from "./label-filter.ts";

const prompt: Prompt = { id: "p", messages: [{ role: "user", content: "Hi" }] };
const right: PairVerdict = { status: "scored", winner: "chosen" };
const wrong: PairVerdict = { status: "scored", winner: "rejected" };
const tie: PairVerdict = { status: "abstained" };
const lost: PairVerdict = { status: "failed", kind: "timeout", detail: "late" };

/** Verdicts by "better worse". */
const judgeOf =
  (verdicts: Readonly<Record<string, PairVerdict>>): PairByRubric =>
  async ({ chosen, rejected }) => ({
    verdict: verdicts[`${chosen}${rejected}`]!,
    order: "given",
    replies: [],
    usage: { ...NO_USAGE, calls: 1 },
  });

async function filter(ranked: string, verdicts: Readonly<Record<string, PairVerdict>>, tau = 0.5) {
  const judge = judgeOf(verdicts);
  const { accuracy, pairs, usage } = await filterByLabels(prompt, [...ranked], "rubric", { judge, tau });
  return {
    accuracy,
    calls: usage.calls,
    pairs: pairs.map(({ better, worse, discarded }) => `${better}${worse} ${discarded ?? "kept"}`),
  };
}

describe("preference-label consistency", () => {
  test("judges every pair that the ranking induces and keeps the right ones of a consistent rubric", async () => {
    expect(await filter("abc", { ab: right, ac: right, bc: wrong })).toEqual({
      accuracy: 2 / 3,
      calls: 3,
      pairs: ["01 kept", "02 kept", "12 wrong-label"],
    });
  });

  test("keeps none below tau, and all that are right at tau", async () => {
    const verdicts = { ab: right, ac: wrong, bc: wrong };
    expect((await filter("abc", verdicts)).pairs).toEqual([
      "01 low-accuracy",
      "02 wrong-label",
      "12 wrong-label",
    ]);
    expect((await filter("abc", verdicts, 1 / 3)).pairs[0]).toBe("01 kept");
    expect((await filter("ab", { ab: right }, 1)).pairs).toEqual(["01 kept"]);
  });

  test("an undecided pair is wrong, a pair that was not judged counts neither way", async () => {
    expect(await filter("abc", { ab: right, ac: tie, bc: lost })).toEqual({
      accuracy: 0.5,
      calls: 3,
      pairs: ["01 kept", "02 undecided", "12 unjudged-timeout"],
    });
    expect(await filter("ab", { ab: lost })).toMatchObject({
      accuracy: null,
      pairs: ["01 unjudged-timeout"],
    });
  });
});
