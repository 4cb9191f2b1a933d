import { describe, expect, it } from "vitest";
import type { Choice, TokenLogprob } from "../llm/language-model.ts";
import { ScriptedModel } from "../llm/scripted-model.ts";
import { type ArrowReading, arrowProtocol } from "./arrow-protocol.ts";
import { criterionJudge } from "./criterion-judge.ts";

const rubric = {
  criteria: [
    { id: "a", text: "Is short", weight: 1, polarity: "good" as const, kind: "hard-rule" as const },
    { id: "b", text: "Is kind", weight: 1, polarity: "good" as const },
  ],
};
const plain = (token: string): TokenLogprob => ({ token, logprob: 0, top: [{ token, logprob: 0 }] });
const among = (token: string, shares: Readonly<Record<string, number>>): TokenLogprob => ({
  token,
  logprob: Math.log(shares[token] ?? 0.5),
  top: Object.entries(shares).map(([other, share]) => ({ token: other, logprob: Math.log(share) })),
});
const choiceOf = (logprobs: readonly TokenLogprob[]): Choice => ({
  text: logprobs.map(({ token }) => token).join(""),
  finishReason: "stop",
  logprobs,
});
const answered = (first: TokenLogprob, second: TokenLogprob): Choice =>
  choiceOf([
    plain('{"explanation_1": "x", "criteria_met_1":'),
    first,
    plain(', "explanation_2": "y", "criteria_met_2'),
    plain('":'),
    second,
    plain("}"),
  ]);
const judged = async (replies: (string | Choice)[], reading: ArrowReading = {}) => {
  const model = new ScriptedModel(replies);
  const judge = criterionJudge({ model, protocol: arrowProtocol(reading), furtherTries: 1 });
  const prompt = { id: "p", messages: [{ role: "user" as const, content: "Hi" }] };
  return { model, verdicts: (await judge.judge({ prompt, response: "Hello.", rubric })).verdicts };
};
const probabilities = async (replies: (string | Choice)[], reading?: ArrowReading) =>
  (await judged(replies, reading)).verdicts.map((one) => one.status === "scored" && one.probability);

describe("arrowProtocol", () => {
  it("reads the probabilities of true and false at the token of each verdict", async () => {
    const { model, verdicts } = await judged([
      answered(
        among(" true", { " true": 0.75, " false": 0.25 }),
        among(" false", { " false": 0.5, " no": 0.25 }),
      ),
    ]);
    expect(verdicts).toEqual([
      {
        status: "scored",
        value: 1,
        probability: { met: expect.closeTo(0.75, 12), unmet: expect.closeTo(0.25, 12) },
        reason: "x",
      },
      { status: "scored", value: 0, probability: { met: 0, unmet: expect.closeTo(0.5, 12) }, reason: "y" },
    ]);
    expect(model.calls[0]!.request).toMatchObject({ topLogprobs: 10, temperature: 0 });
    expect(model.calls[0]!.request.messages[0]!.content).toContain("1. Is short [Hard Rule]\n2. Is kind");
  });

  it("adds up the spellings of a word, or takes the authors' alone", async () => {
    const reply = answered(
      among(" true", { " true": 0.5, true: 0.25, " True": 0.125, " false": 0.0625 }),
      among("true", { true: 0.5, false: 0.25 }),
    );
    expect(await probabilities([reply])).toEqual([
      { met: expect.closeTo(0.875, 12), unmet: expect.closeTo(0.0625, 12) },
      { met: expect.closeTo(0.5, 12), unmet: expect.closeTo(0.25, 12) },
    ]);
    expect(await probabilities([reply], { tokens: "exact" })).toEqual([
      { met: expect.closeTo(0.5, 12), unmet: expect.closeTo(0.0625, 12) },
      { met: 0, unmet: 0 },
    ]);
  });

  it("counts a token that is not among its own alternatives", async () => {
    const odd: TokenLogprob = {
      token: " true",
      logprob: Math.log(0.125),
      top: [{ token: " false", logprob: Math.log(0.5) }],
    };
    expect((await probabilities([answered(odd, odd)]))[0]).toEqual({
      met: expect.closeTo(0.125, 12),
      unmet: expect.closeTo(0.5, 12),
    });
  });

  it("reads behind thinking that holds a draft of the same object", async () => {
    const draft =
      '{"explanation_1": "x", "criteria_met_1": false, "explanation_2": "y", "criteria_met_2": true}';
    const final = answered(among(" true", { " true": 0.75 }), among(" true", { " true": 0.5 }));
    const reply = choiceOf([plain(`<think>${draft}</think>`), ...final.logprobs!]);
    expect(await probabilities([reply])).toEqual([
      { met: expect.closeTo(0.75, 12), unmet: 0 },
      { met: expect.closeTo(0.5, 12), unmet: 0 },
    ]);
  });

  const written =
    '{"explanation_1": "x", "criteria_met_1": true, "explanation_2": "y", "criteria_met_2": false}';
  it("falls back to the booleans where there are no logprobs, so that one sees it", async () => {
    expect((await judged([written])).verdicts).toEqual([
      { status: "scored", value: 1, reason: "x" },
      { status: "scored", value: 0, reason: "y" },
    ]);
  });

  it("or fails there, as in the authors' judge training", async () => {
    expect(
      (await judged([written], { withoutLogprobs: "fail" })).verdicts.map(({ status }) => status),
    ).toEqual(["failed", "failed"]);
  });

  it("asks again for a criterion without a boolean, under its own number", async () => {
    const { model, verdicts } = await judged([
      '{"criteria_met_1": true, "criteria_met_2": "yes"}',
      '{"criteria_met_2": false}',
    ]);
    expect(verdicts.map((one) => one.status === "scored" && one.value)).toEqual([1, 0]);
    expect(model.calls[1]!.request.messages[0]!.content).toMatch(/The criteria:\n2\. Is kind\n/);
  });
});
