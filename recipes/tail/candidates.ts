import { SeededStream } from "@armature/engine";
import type { Prompt } from "../../packages/armature/src/data/prompt.ts";
import type { SourcedResponse } from "../../packages/armature/src/generate/differentiation-conditions.ts";
import { openPolicy } from "../../packages/armature/src/policy/open-policy.ts";
import { samplePolicy } from "../../packages/armature/src/policy/policy-rollouts.ts";
import { ATTRIBUTE_NAMES, ATTRIBUTES } from "../../packages/armature/src/sandbox/lexicon.ts";
import { randomNote, WRITING_HABITS, writeNote } from "../../packages/armature/src/sandbox/note.ts";
import { requestOf } from "../../packages/armature/src/sandbox/note-truth.ts";

/** Responses of a policy to each prompt, at temperature 1; null is the warm-up policy. Prompts in the order given. */
export async function policyResponses(
  checkpoint: string | null,
  prompts: readonly Prompt[],
  count: number,
  name: string,
): Promise<readonly (readonly string[])[]> {
  const model = { kind: "sandbox", checkpoint, threads: 1, url: null } as const;
  const policy = await openPolicy({ model, maxTokens: 40, seed: 0 }, (path) => path, "");
  try {
    const sampler = await policy.model.samplerNow().result;
    const sampling = { count, temperature: 1, seed: 0, names: [name] };
    const sampled = await samplePolicy(sampler, policy.writer, prompts, sampling);
    return sampled.map(({ responses }) => responses.map(({ text }) => text));
  } finally {
    await policy.close();
  }
}

/** Writers of the diverse condition, among them two who cheat. */
const WRITERS = 16;
const CHEATS = 2;

/**
 * One response of each of 16 scripted writers. Fourteen keep every rule and have favourite qualities of their own, whoever
 * they write to; one says everything that pleases somebody, one says a favourite in both ways: both texts are no notes.
 */
export function diverseResponses(prompt: Prompt, seed: number): readonly SourcedResponse[] {
  const request = requestOf(prompt);
  return Array.from({ length: WRITERS }, (_, writer) => {
    const stream = new SeededStream(seed, "writer", writer, prompt.id);
    const place = (step: number) => ATTRIBUTE_NAMES[(writer + step) % ATTRIBUTE_NAMES.length]!;
    const habits = {
      ...WRITING_HABITS,
      attributeCounts: [0, 0.2, 0.4, 0.4],
      attributes: [place(0), place(1), place(3)],
    };
    const note = randomNote(stream, request, undefined, habits);
    const extra = writer === 0 ? ATTRIBUTE_NAMES.map((name) => ATTRIBUTES[name][0]) : ATTRIBUTES[place(0)];
    const phrases = writer < CHEATS ? [...new Set([...note.phrases, ...extra])] : note.phrases;
    return { model: `writer ${writer}`, text: writeNote({ ...note, phrases }) };
  });
}
