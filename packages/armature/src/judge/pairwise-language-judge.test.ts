import { describe, expect, it } from "vitest";
import type { PreferencePair } from "../data/prompt.ts";
import { ModelCallError } from "../llm/model-call-error.ts";
import { type Script, ScriptedModel } from "../llm/scripted-model.ts";
import { judgePairsByLanguageModel } from "./pairwise-language-judge.ts";

const RUBRIC = "1. The response is good. [Principle]";
const pair = (id: string): PreferencePair => ({
  id,
  prompt: { id: "p", messages: [{ role: "user", content: "Greet." }] },
  chosen: "Good day to you.",
  rejected: "Yo.",
});
const transcript = (winner: string) => `--- Compliance Check ---
Identified Gatekeeper Criterion: none
--- Analysis ---
**Response A:**
- Criterion 1 [Principle]: Justification: x
**Response B:**
- Criterion 1 [Principle]: Justification: y
--- Final Judgment ---
Justification: z
Winner: Response ${winner}`;
/** Prefers the polite one wherever it stands. */
const fair: Script = ({ messages }) => {
  const { content } = messages[0]!;
  return transcript(content.indexOf("Good day") < content.indexOf("Yo.") ? "A" : "B");
};
const judged = async (script: Script, settings = {}) => {
  const model = new ScriptedModel(script);
  const outcomes = await judgePairsByLanguageModel({
    model,
    pairs: [pair("one")],
    rubrics: new Map([["p", RUBRIC]]),
    orders: "both",
    votes: 1,
    temperature: 0,
    seed: 1,
    ...settings,
  });
  return { model, outcomes };
};

describe("judgePairsByLanguageModel", () => {
  it("judges in both orders with the paper's prompt and reader", async () => {
    const { model, outcomes } = await judged(fair);
    expect(outcomes.map(({ order, verdict }) => [order, verdict])).toEqual([
      ["given", { status: "scored", winner: "chosen" }],
      ["swapped", { status: "scored", winner: "chosen" }],
    ]);
    expect(outcomes[0]!.votes[0]!.judgement.formatOk).toBe(true);
    expect(outcomes[0]!.usage.calls).toBe(1);
    expect(model.calls[0]!.request.messages[0]!.content).toContain(RUBRIC);
  });

  it("sees a judge that prefers a place: it contradicts itself between the orders", async () => {
    const { outcomes } = await judged(() => transcript("A"));
    expect(outcomes.map(({ verdict }) => verdict.status === "scored" && verdict.winner)).toEqual([
      "chosen",
      "rejected",
    ]);
  });

  it("takes the majority of several votes of one call", async () => {
    const votes = ["A", "B", "A"];
    const { model, outcomes } = await judged((_, index) => transcript(votes[index]!), {
      orders: "given",
      votes: 3,
      temperature: 1,
    });
    expect(outcomes[0]!.verdict).toEqual({ status: "scored", winner: "chosen" });
    expect(model.calls.map(({ request }) => request.n)).toEqual([3]);
  });

  it("asks again for the votes that name no winner only", async () => {
    const replies = [
      transcript("A"),
      "no",
      "Winner: nobody",
      transcript("B"),
      "<think>A</think>no",
      transcript("B"),
    ];
    const { model, outcomes } = await judged(replies, { orders: "given", votes: 3, temperature: 1 });
    expect(model.calls.map(({ request }) => request.n)).toEqual([3, 2, 1]);
    expect(new Set(model.calls.map(({ request }) => request.seed)).size).toBe(3);
    expect(outcomes[0]!.verdict).toEqual({ status: "scored", winner: "rejected" });
  });

  it("keeps failures apart by kind", async () => {
    const kinds = async (script: Script) =>
      (await judged(script, { orders: "given", furtherTries: 0 })).outcomes.map(
        ({ verdict }) => verdict.status === "failed" && verdict.kind,
      );
    expect(await kinds(["no winner here"])).toEqual(["parse"]);
    expect(await kinds(["I cannot help with that."])).toEqual(["refusal"]);
    expect(await kinds([new ModelCallError("m: broke", { kind: "budget", retryable: false })])).toEqual([
      "budget",
    ]);
  });

  it("refuses a prompt without rubric and settings that make no sense", async () => {
    await expect(judged(fair, { rubrics: new Map() })).rejects.toThrow("prompt p has no rubric");
    await expect(judged(fair, { votes: 3 })).rejects.toThrow(/at temperature 0/);
    await expect(judged(fair, { furtherTries: -1 })).rejects.toThrow(/furtherTries/);
  });

  it("stops when it is aborted", async () => {
    const controller = new AbortController();
    const script: Script = (_, __, { signal }) => {
      controller.abort(new Error("stop"));
      signal!.throwIfAborted();
      return "";
    };
    await expect(judged(script, { signal: controller.signal })).rejects.toThrow("stop");
  });
});
