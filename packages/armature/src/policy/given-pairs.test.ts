import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { GivenPairsRecipe } from "../config/policy-recipe.ts";
import { promptId } from "../data/content-id.ts";
import type { Prompt } from "../data/prompt.ts";
import { noteTruth } from "../sandbox/note-truth.ts";
import { policyPrompts } from "../sandbox/policy-prompts.ts";
import { givenPairs } from "./given-pairs.ts";
import { sandboxWriter, type Writer } from "./writer.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-given-pairs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** One token a character. */
const characters = (text: string) => Int32Array.from(text, (letter) => letter.charCodeAt(0));
const writer: Writer = {
  prompt: ({ messages }) => characters(messages[0]!.content),
  speaker: { decode: () => "", encodeCompletion: characters, stop: [], maxTokens: 99 },
};
const path = join(folder, "pairs.jsonl");
writeFileSync(
  path,
  ["one", "two", "three", "four"]
    .map((prompt) => `${JSON.stringify({ prompt, chosen: `yes ${prompt}`, rejected: "no" })}\n`)
    .join(""),
);

function read(settings: { maxTokens?: number; heldOut?: number; held?: readonly string[] }) {
  const { maxTokens = 99, heldOut = 9, held = ["two", "four"] } = settings;
  const source: GivenPairsRecipe = {
    ...{ kind: "files", files: ["pairs.jsonl"], maxTokens, badRows: "strict", heldOut },
  };
  const isHeldOut = ({ messages }: Prompt) => held.includes(messages[0]!.content);
  return givenPairs(source, 1, (file) => join(folder, file), writer, isHeldOut);
}
const prompts = (pairs: readonly { readonly prompt: ArrayLike<number> }[]) =>
  pairs.map(({ prompt }) => String.fromCharCode(...Array.from(prompt)));

describe("givenPairs of files", () => {
  it("never learns from a held-out prompt", async () => {
    const { pairs } = await read({});
    expect(prompts(pairs.train)).toEqual(["one", "three"]);
    expect(prompts(pairs.heldOut)).toEqual(["two", "four"]);
    expect(String.fromCharCode(...Array.from(pairs.train[0]!.chosen))).toBe("yes one");
  });

  it("measures on as many as asked for and still learns from no other", async () => {
    const { pairs } = await read({ heldOut: 1 });
    expect(prompts(pairs.heldOut)).toEqual(["two"]);
    expect(prompts(pairs.train)).toEqual(["one", "three"]);
  });

  it("leaves out and counts pairs that are too long", async () => {
    // Longest of "three" + "yes three" is 14 tokens, of the others at most 12.
    const { pairs, notes } = await read({ maxTokens: 13 });
    expect(prompts(pairs.train)).toEqual(["one"]);
    expect(notes.at(-1)).toBe(
      "given pairs: 1 to learn from, 2 with held-out prompts, 1 longer than 13 tokens left out",
    );
  });

  it("says so where nothing is left", async () => {
    await expect(read({ maxTokens: 3 })).rejects.toThrow(
      "pairs.jsonl: of 4 pairs none is left to learn from; raise pairs.maxTokens, or hold out fewer prompts",
    );
  });
});

describe("givenPairs of the sandbox", () => {
  const nano = sandboxWriter(40);
  const known = new Map([...policyPrompts().train, ...policyPrompts().heldOut].map((p) => [p.id, p]));
  const tested = new Set(policyPrompts().heldOut.map(({ id }) => id));
  const draw = (labelNoise: number) =>
    givenPairs(
      { kind: "sandbox", count: 300, labelNoise, heldOut: 40 },
      3,
      (file) => file,
      nano,
      ({ id }) => tested.has(id),
    );
  /** Share of pairs whose chosen note is truly better, and whether all prompts are on the named side. */
  const look = (
    pairs: readonly { prompt: unknown; chosen: ArrayLike<number>; rejected: ArrayLike<number> }[],
  ) => {
    const byTokens = new Map([...known.values()].map((prompt) => [[...nano.prompt(prompt)].join(), prompt]));
    const found = pairs.map((pair) => ({
      ...pair,
      known: byTokens.get([...(pair.prompt as Int32Array)].join())!,
    }));
    const reward = (prompt: Prompt, tokens: ArrayLike<number>) =>
      noteTruth(prompt, nano.speaker.decode(Int32Array.from(Array.from(tokens)))).reward!;
    return {
      held: found.map(({ known: prompt }) => tested.has(promptId(prompt.messages))),
      right: found.map((p) => reward(p.known, p.chosen) > reward(p.known, p.rejected)),
    };
  };

  it("draws prompts from the right side and labels by the truth", async () => {
    const { pairs } = await draw(0);
    expect([pairs.train.length, pairs.heldOut.length]).toEqual([300, 40]);
    expect(look(pairs.train).held).not.toContain(true);
    expect(look(pairs.heldOut).held).not.toContain(false);
    expect([...look(pairs.train).right, ...look(pairs.heldOut).right]).not.toContain(false);
  });

  it("turns as many labels round as asked for, none of those that are measured on", async () => {
    const { pairs } = await draw(0.3);
    const wrong = look(pairs.train).right.filter((right) => !right).length;
    // Three standard deviations of a binomial of 300 with 0.3.
    expect(Math.abs(wrong - 90)).toBeLessThan(24);
    expect(look(pairs.heldOut).right).not.toContain(false);
  });
});
