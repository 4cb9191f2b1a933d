import { describe, expect, it } from "vitest";
import type { TokenLogprob } from "../llm/language-model.ts";
import { ScriptedModel } from "../llm/scripted-model.ts";
import type { Criterion } from "../rubric/rubric.ts";
import { decisionJudge } from "./decision-judge.ts";
import { firstTokenDecisions } from "./decision-model.ts";

const criterion: Criterion = { id: "c1", text: "Is kind", weight: 1, polarity: "good" };
const token = (shares: Readonly<Record<string, number>>): TokenLogprob => {
  const top = Object.entries(shares).map(([text, share]) => ({ token: text, logprob: Math.log(share) }));
  return { ...top[0]!, top };
};
const judged = async (logprobs: readonly TokenLogprob[] | undefined, asked = criterion) => {
  const model = new ScriptedModel([{ text: "A", finishReason: "stop", ...(logprobs && { logprobs }) }]);
  const judge = decisionJudge({ model: firstTokenDecisions(model) });
  const prompt = { id: "p", messages: [{ role: "user" as const, content: "Hi" }] };
  const { verdicts } = await judge.judge({ prompt, response: "Hello.", rubric: { criteria: [asked] } });
  return { verdict: verdicts[0]!, request: model.calls[0]!.request };
};

describe("decisionJudge", () => {
  it("takes the share of yes in the probability that fell on an option", async () => {
    const { verdict, request } = await judged([
      token({ Yes: 0.5, " no": 0.125, " yes": 0.125, Maybe: 0.25 }),
    ]);
    expect(verdict).toEqual({
      status: "scored",
      value: expect.closeTo(0.625 / 0.75, 12),
      probability: { met: expect.closeTo(0.625, 12), unmet: expect.closeTo(0.125, 12) },
      reason: null,
    });
    expect(request).toMatchObject({ maxTokens: 1, temperature: 0, topLogprobs: 20, among: ["Yes", "No"] });
    expect(request.messages[0]!.content).toContain(
      "- Yes: the statement is true\n- No: the statement is not true\n\nAnswer with Yes or No",
    );
  });

  it("decides among a criterion's choices by expectation", async () => {
    const choices = [
      { label: "bad", value: 0 },
      { label: "fair", value: 0.5 },
      { label: "good", value: 1 },
    ];
    const { verdict } = await judged([token({ B: 0.5, C: 0.25, A: 0.25 })], { ...criterion, choices });
    expect(verdict).toMatchObject({ value: expect.closeTo(0.5, 12), choice: "fair" });
  });

  it.each([
    ["no logprobs", undefined, /sent no logprobs/],
    [
      "no option among the alternatives",
      [token({ The: 1 })],
      /gives Yes, No no probability; it answers "The"/,
    ],
  ])("fails as parse with %s", async (_, logprobs, detail) => {
    expect((await judged(logprobs)).verdict).toMatchObject({
      status: "failed",
      kind: "parse",
      detail: expect.stringMatching(detail),
    });
  });
});
