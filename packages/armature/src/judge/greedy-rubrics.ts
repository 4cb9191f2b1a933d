import type { Sampler } from "@armature/tinker";
import type { Prompt } from "../data/prompt.ts";
import type { Dialect } from "./dialect.ts";

/**
 * One greedy rubric for each prompt (Rubric-ARM, table 11: the generator's temperature is 0 at inference), as text by
 * prompt id. Prompts with one id are one prompt.
 */
export async function greedyRubrics(
  generator: Sampler,
  dialect: Dialect,
  prompts: readonly Prompt[],
): Promise<ReadonlyMap<string, string>> {
  const { maxTokens, stop, decode } = dialect.generator;
  const distinct = [...new Map(prompts.map((prompt) => [prompt.id, prompt])).values()];
  const results = await generator.sampleMany(
    distinct.map((prompt) => ({
      prompt: dialect.generatorPrompt(prompt),
      options: { maxTokens, stop, temperature: 0 },
    })),
  ).result;
  return new Map(distinct.map((prompt, i) => [prompt.id, decode(results[i]!.sequences[0]!.tokens)]));
}
