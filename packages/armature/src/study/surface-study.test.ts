import { describe, expect, it } from "vitest";
import { LONGER, type PairScorer, type ResponseScorer } from "../bench/bench-scorer.ts";
import { pairId, promptId } from "../data/content-id.ts";
import type { Message, PreferencePair } from "../data/prompt.ts";
import { LENGTH, MARKS, PADDINGS, RESTYLINGS } from "./interventions.ts";
import { studyPosition } from "./position-study.ts";
import { studySurface } from "./surface-study.ts";

function pairOf(question: string, chosen: string, rejected: string): PreferencePair {
  const messages: Message[] = [{ role: "user", content: question }];
  return {
    id: pairId(messages, chosen, rejected),
    prompt: { id: promptId(messages), messages },
    chosen,
    rejected,
  };
}
const PAIRS = [pairOf("q1", "aaaa", "aa"), pairOf("q2", "a", "aaa"), pairOf("q3", "bb", "cc")];
const SETTINGS = { seed: 0, resamples: 200 };

describe("studySurface", () => {
  it("a scorer of length goes with length, as a correlate and as a cause", async () => {
    const { accuracy, association, effects } = await studySurface(PAIRS, LONGER, LENGTH, PADDINGS, SETTINGS);
    expect(accuracy!.value).toBeCloseTo((1 + 0 + 0.5) / 3, 12);
    expect(association).toMatchObject({ pairs: 2, equal: 1, scorer: { value: 1 }, labels: { value: 0.5 } });
    expect(association).toMatchObject({ betterHasMore: { value: 1 }, betterHasLess: { value: 0 } });
    const [by200] = effects;
    expect(by200).toMatchObject({ pairs: 3, preferred: { value: 1 }, turned: { value: 1 } });
    // From 1, 0 and 0.5 to 0 on all, and to 1 on all.
    expect(by200!.worseChanged!.value).toBeCloseTo(-0.5, 12);
    expect(by200!.betterChanged!.value).toBeCloseTo(0.5, 12);
    expect(by200!.scoreGain!.value).toBeGreaterThan(200);
  });

  it("a scorer that looks at something else is moved by nothing", async () => {
    const first: ResponseScorer = {
      id: "letters",
      score: async (_, response) => ({ value: (response.match(/a/g) ?? []).length > 0 ? 1 : 0 }),
    };
    const { effects, association } = await studySurface(
      PAIRS.slice(0, 2),
      first,
      MARKS,
      RESTYLINGS,
      SETTINGS,
    );
    expect(association).toMatchObject({ pairs: 0, equal: 2, scorer: null, labels: null });
    const list = effects.find(({ intervention }) => intervention === "list")!;
    expect(list).toMatchObject({
      pairs: 2,
      preferred: { value: 0.5 },
      scoreGain: { value: 0, low: 0, high: 0 },
    });
    expect(list).toMatchObject({ worseChanged: { value: 0 }, betterChanged: { value: 0 }, turned: null });
    expect(effects.find(({ intervention }) => intervention === "plain")).toMatchObject({
      pairs: 0,
      preferred: null,
    });
  });
});

describe("studyPosition", () => {
  /** Right on q1, whichever is first on q2, and silent on one order of q3. */
  const judge: PairScorer = {
    id: "j",
    judge: async (pairs) =>
      pairs.flatMap((pair, pairIndex) =>
        (["given", "swapped"] as const).map((order) => {
          const question = pair.prompt.messages[0]!.content;
          const first = order === "given" ? ("chosen" as const) : ("rejected" as const);
          const place = { pairIndex, pairId: pair.id, order, rubric: "", rubricFault: null, votes: [] };
          const verdict =
            question === "q3" && order === "swapped"
              ? { status: "abstained" as const }
              : { status: "scored" as const, winner: question === "q1" ? ("chosen" as const) : first };
          return { ...place, verdict };
        }),
      ),
  };

  it("tells right answers from answers by place", async () => {
    const { accuracy, bothOrders, sameTwice } = await studyPosition(PAIRS, judge, SETTINGS);
    expect(accuracy).toMatchObject({ given: { value: 1 }, ties: 1, orderAgreement: 0.5 });
    expect(accuracy.swapped!.value).toBeCloseTo(1 / 3, 12);
    expect(bothOrders).toMatchObject({
      pairs: 2,
      ...{ right: { value: 0.5 }, wrong: { value: 0 }, first: { value: 0.5 }, second: { value: 0 } },
    });
    // q1: "chosen" is first in one order and second in the other; q2: always the first; q3: first, then a tie.
    expect(sameTwice.first!.value).toBeCloseTo((0.5 + 1 + 0.75) / 3, 12);
    expect(sameTwice.ties!.value).toBeCloseTo(1 / 6, 12);
  });

  it("needs both orders", async () => {
    const oneOrder: PairScorer = {
      ...judge,
      judge: async (pairs) => (await judge.judge(pairs)).filter(({ order }) => order === "given"),
    };
    await expect(studyPosition(PAIRS, oneOrder, SETTINGS)).rejects.toThrow("give --order both");
  });
});
