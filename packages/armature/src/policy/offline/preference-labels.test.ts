import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Preference, ResponsePair } from "../../reward/policy-reward.ts";
import type { SampledPrompt } from "../policy-rollouts.ts";
import { labelPreferences } from "./preference-labels.ts";

function sampled(id: string, texts: readonly string[]): SampledPrompt {
  return {
    prompt: { id, messages: [{ role: "user", content: id }] },
    promptTokens: Int32Array.of(1),
    responses: texts.map((text) => ({
      text,
      tokens: Int32Array.from(text, (letter) => letter.charCodeAt(0)),
      logprobs: new Float32Array(text.length),
      cutOff: false,
    })),
  };
}

/** Prefers the longer text; equal lengths tie, and nobody can tell where a text holds a question mark. */
function longer() {
  const asked: ResponsePair[] = [];
  const prefer = async (pairs: readonly ResponsePair[]) => {
    asked.push(...pairs);
    return pairs.map(({ first, second }): Preference => {
      if (`${first}${second}`.includes("?")) return "undecided";
      if (first.length === second.length) return "tie";
      return first.length > second.length ? "first" : "second";
    });
  };
  return { prefer, asked };
}

const settings = { pairsPerPrompt: 1, seed: 1, names: ["test"] };

describe("labelPreferences", () => {
  it("keeps what is preferred, and counts ties, undecided ones and equal texts apart", async () => {
    const judge = longer();
    const { pairs, counts } = await labelPreferences(
      judge,
      [
        sampled("p1", ["a", "bb"]),
        sampled("p2", ["ccc", "d"]),
        sampled("p3", ["ee", "ff"]),
        sampled("p4", ["g?", "h"]),
        sampled("p5", ["same", "same"]),
      ],
      settings,
    );
    expect(pairs.map(({ id, chosen, rejected }) => [id, chosen, rejected])).toEqual([
      ["p1", "bb", "a"],
      ["p2", "ccc", "d"],
    ]);
    expect(pairs[1]!.tokens).toEqual({ chosen: [99, 99, 99], rejected: [100] });
    expect(counts).toEqual({
      ...{ compared: 4, labelled: 2, ties: 1, undecided: 1, equalTexts: 1 },
      ...{ chosenTokens: 2.5, rejectedTokens: 1 },
    });
    expect(judge.asked.map(({ tokens }) => tokens)).toContainEqual([1, 2]);
  });

  it("says null where nothing was labelled", async () => {
    const { counts } = await labelPreferences(longer(), [sampled("p", ["x", "x"])], settings);
    expect(counts).toMatchObject({ compared: 0, labelled: 0, chosenTokens: null, rejectedTokens: null });
  });

  it("compares two texts of a prompt at most once, and as many as asked for where texts differ enough", async () => {
    const texts = fc.array(fc.constantFrom("a", "bb", "ccc", "dd"), { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 1, max: 20 }), async (responses, pairsPerPrompt) => {
        const judge = longer();
        const { counts } = await labelPreferences(judge, [sampled("p", responses)], {
          ...settings,
          pairsPerPrompt,
        });
        const seen = judge.asked.map(({ first, second }) => [first, second].sort().join("|"));
        const distinct = new Set(responses).size;
        expect(new Set(seen).size).toBe(seen.length);
        expect(judge.asked.every(({ first, second }) => first !== second)).toBe(true);
        expect(seen.length).toBe(Math.min(pairsPerPrompt, (distinct * (distinct - 1)) / 2));
        const wanted = Math.min(pairsPerPrompt, (responses.length * (responses.length - 1)) / 2);
        expect(counts.compared + counts.equalTexts).toBe(wanted);
        expect(counts.labelled + counts.ties + counts.undecided).toBe(counts.compared);
      }),
    );
  });
});
