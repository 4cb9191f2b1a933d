import { describe, expect, it } from "vitest";
import { criterionJudge } from "../judge/criterion-judge.ts";
import { PREDEFINED_RUBRIC } from "../judge/predefined-rubric.ts";
import { ratingJudge } from "../judge/rating-judge.ts";
import { ModelCallError } from "../llm/model-call-error.ts";
import { ScriptedModel } from "../llm/scripted-model.ts";
import { AGGREGATORS, withMinimumCoverage } from "./aggregators.ts";
import { rubricRewardModel } from "./reward-model.ts";

const prompt = { id: "p", messages: [{ role: "user" as const, content: "Hi" }] };
const down = new ModelCallError("m: down", { kind: "infrastructure", retryable: true });
const yes = '{"reason": "x", "verdict": "yes"}';
const no = '{"reason": "x", "verdict": "no"}';
const modelOf = (replies: (string | Error)[], minimum = 0) => {
  const judge = criterionJudge({ model: new ScriptedModel(replies) });
  return rubricRewardModel({
    judge,
    aggregation: "mean",
    aggregate: withMinimumCoverage(AGGREGATORS.mean, minimum),
    rubricOf: () => PREDEFINED_RUBRIC,
  });
};

describe("rubricRewardModel", () => {
  it("scores a response by the rubric of its prompt", async () => {
    const model = modelOf([yes, yes, no, yes]);
    expect(model.id).toMatch(/^mean\(criteria:/);
    const reward = await model.score(prompt, "Hello.");
    expect(reward).toMatchObject({ value: 0.75, coverage: 1, usage: { calls: 4 } });
    expect(reward.judgement.verdicts).toHaveLength(4);
  });

  it("leaves failures out, and gives null where too little is left", async () => {
    expect(await modelOf([yes, no, down, yes]).score(prompt, "x")).toMatchObject({
      value: 2 / 3,
      coverage: 0.75,
    });
    expect(await modelOf([yes, no, down, yes], 0.8).score(prompt, "x")).toMatchObject({
      value: null,
      coverage: 0.75,
    });
    expect(await modelOf([down, down, down, down]).score(prompt, "x")).toMatchObject({
      value: null,
      coverage: 0,
    });
  });

  it("normalises a rating, and takes the rubric given before its own", async () => {
    const script = new ScriptedModel(['{"rating": 10}', down]);
    const model = rubricRewardModel({
      judge: ratingJudge({ model: script, mode: "implicit" }),
      aggregation: "rating-range",
      aggregate: AGGREGATORS.mean,
    });
    await expect(model.score(prompt, "x")).rejects.toThrow("prompt p has no rubric");
    expect(await model.score(prompt, "x", { rubric: PREDEFINED_RUBRIC })).toMatchObject({
      value: 1,
      coverage: 1,
    });
    expect(await model.score(prompt, "x", { rubric: PREDEFINED_RUBRIC })).toMatchObject({
      value: null,
      coverage: 0,
    });
  });
});
