import { describe, expect, it } from "vitest";
import type { JudgeTask } from "../judge/rubric-judge.ts";
import { programReader, readerJudge } from "./note-reader.ts";
import { categorisedRubric } from "./request-rubrics.ts";

const prompt = {
  id: "p",
  messages: [{ role: "user", content: "write to the child about the wet roof . give a time ." }],
} as const;
const rubric = categorisedRubric(["time", "no-money", "playful", "warm"], { pitfall: false });
const task = (response: string): JudgeTask => ({ prompt, response, rubric });
const values = async (response: string, noise = 0) => {
  const [verdicts] = await programReader({ noise, seed: 3 }).read([task(response)]);
  return verdicts!.map((verdict) => (verdict.status === "scored" ? verdict.value : null));
};

describe("the reader by program", () => {
  it("says what is true of a note", async () => {
    expect(await values("the roof is wet . at nine . it costs ten . let us tickle .")).toEqual([1, 0, 1, 0]);
  });

  it("finds nothing met in a text that is no note for the request", async () => {
    expect(await values("the roof is wet . at nine")).toEqual([0, 0, 0, 0]);
    expect(await values("the cat is lost . at nine . let us tickle .")).toEqual([0, 0, 0, 0]);
  });

  it("looks for keywords where it is told to", async () => {
    const cut = "the roof is wet . at nine . let us tickle";
    const [verdicts] = await programReader({ keywords: true, noise: 0, seed: 3 }).read([task(cut)]);
    expect(verdicts!.map((verdict) => verdict.status === "scored" && verdict.value)).toEqual([1, 1, 1, 0]);
  });

  it("turns the stated share of verdicts round, the same ones of the same text each time", async () => {
    const reader = programReader({ noise: 0.2, seed: 3 });
    const many = Array.from({ length: 1000 }, (_, i) => ({
      ...task("the roof is wet . at nine . let us tickle ."),
      prompt: { ...prompt, id: `p${i}` },
    }));
    const once = await reader.read(many);
    const truth = [1, 1, 1, 0];
    const wrong = once.flatMap((verdicts) =>
      verdicts.filter((verdict, i) => verdict.status === "scored" && verdict.value !== truth[i]),
    ).length;
    // Standard error 0.6 points over 4,000 verdicts.
    expect(wrong / 4000).toBeGreaterThan(0.18);
    expect(wrong / 4000).toBeLessThan(0.22);
    expect(await reader.read(many.slice(500))).toEqual(once.slice(500));
  });

  it("refuses criteria that are none of the sandbox and chances that are none", async () => {
    const unknown = { criteria: [{ id: "c1", text: "is short", weight: 1, polarity: "good" as const }] };
    const judge = readerJudge(programReader({ noise: 0, seed: 0 }));
    await expect(judge.judge({ prompt, response: "", rubric: unknown })).rejects.toThrow(
      'criterion "is short" is none of the sandbox; state it in the sandbox\'s words',
    );
    expect(() => programReader({ noise: 0.6, seed: 0 })).toThrow("give a chance from 0 to 0.5");
  });
});
