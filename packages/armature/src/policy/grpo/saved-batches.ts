import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Prompt } from "../../data/prompt.ts";
import { RunError } from "../../errors.ts";
import type { ResponseReward } from "../../reward/policy-reward.ts";
import { writeFileAtomic } from "../../run/atomic-file.ts";
import type { BatchProgress, UnrewardedPrompt } from "./grpo-batch.ts";

/** Batches that were sampled with weights which are gone, and have not been trained on yet. */
const FILE = "batches.json.gz";

interface SavedPrompt {
  readonly prompt: string;
  readonly promptTokens: readonly number[];
  readonly greedy?: string;
  readonly responses: readonly {
    readonly text: string;
    readonly tokens: readonly number[];
    readonly logprobs: readonly number[];
    readonly cutOff: boolean;
  }[];
  readonly rewards?: readonly ResponseReward[];
}

interface SavedBatch {
  readonly index: number;
  readonly sampledAt: number;
  readonly refilledPrompts: number;
  readonly prompts: readonly SavedPrompt[];
}

/** Writes batches into a folder, whole. A logprob is a 32-bit float, which JSON keeps exactly. */
export function saveBatches(folder: string, batches: readonly BatchProgress[]): void {
  const saved = batches.map((progress): SavedBatch => {
    const { index, sampledAt, prompts } = progress.kind === "rewarded" ? progress.batch : progress;
    const refilledPrompts = progress.kind === "rewarded" ? progress.batch.refilledPrompts : 0;
    return { index, sampledAt, refilledPrompts, prompts: prompts.map(savedPrompt) };
  });
  mkdirSync(folder, { recursive: true });
  writeFileAtomic(join(folder, FILE), gzipSync(JSON.stringify(saved)));
}

/** Reads them back. Throws `RunError` where a prompt is not among those of the run. */
export function loadBatches(folder: string, prompts: readonly Prompt[]): readonly BatchProgress[] {
  const path = join(folder, FILE);
  const saved = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")) as readonly SavedBatch[];
  const known = new Map(prompts.map((prompt) => [prompt.id, prompt]));
  return saved.map(({ index, sampledAt, refilledPrompts, prompts: rows }): BatchProgress => {
    const opened = rows.map(({ prompt: id, promptTokens, greedy, responses }): UnrewardedPrompt => {
      const prompt = known.get(id);
      if (!prompt)
        throw new RunError(`${path}: prompt ${id} is not in the run's data; start over with --fresh`);
      return {
        prompt,
        promptTokens: Int32Array.from(promptTokens),
        ...(greedy !== undefined && { greedy }),
        responses: responses.map(({ text, tokens, logprobs, cutOff }) => ({
          ...{ text, cutOff },
          tokens: Int32Array.from(tokens),
          logprobs: Float32Array.from(logprobs),
        })),
      };
    });
    if (rows.some(({ rewards }) => !rewards)) return { kind: "sampled", index, sampledAt, prompts: opened };
    const rewarded = opened.map((prompt, i) => ({ ...prompt, rewards: rows[i]!.rewards! }));
    return { kind: "rewarded", batch: { index, sampledAt, refilledPrompts, prompts: rewarded } };
  });
}

function savedPrompt(
  prompt: UnrewardedPrompt & { readonly rewards?: readonly ResponseReward[] },
): SavedPrompt {
  return {
    ...(prompt.greedy !== undefined && { greedy: prompt.greedy }),
    ...(prompt.rewards && { rewards: prompt.rewards }),
    prompt: prompt.prompt.id,
    promptTokens: [...prompt.promptTokens],
    responses: prompt.responses.map(({ text, tokens, logprobs, cutOff }) => ({
      ...{ text, cutOff },
      tokens: [...tokens],
      logprobs: [...logprobs],
    })),
  };
}
