import type { Results } from "../runtime/session.ts";
import { layoutFor } from "./activations.ts";
import { batchBucket, lengthBucket } from "./bucket.ts";
import type { SampledModel } from "./decoder-network.ts";
import type { DecoderSessions, WeightSource } from "./decoder-sessions.ts";
import { names } from "./graph-names.ts";
import type { LayerBlocks } from "./kv-cache.ts";
import type { TokenDistributions } from "./next-token.ts";
import { readDistributions } from "./next-token-graph.ts";
import { prefillGraph } from "./prompt-graph.ts";
import type { PromptGroup } from "./sample-plan.ts";
import type { ReadPrompt } from "./shared-prompts.ts";

/** Tokens read in one run, padding included, unless one prompt alone has more. */
const PREFILL_TOKENS = 2048;

/** How many of the groups to read in one run. Prompts are sorted, the longest first. */
export function prefillCount(groups: readonly PromptGroup[]): number {
  const length = lengthBucket(groups[0]!.prompt.length);
  let count = groups.length;
  while (count > 1 && batchBucket(count) * length > PREFILL_TOKENS) count--;
  return count;
}

/** Reads the prompts of some groups: row i of the distributions is that of the token after prompt i. */
export async function prefill(
  groups: readonly PromptGroup[],
  model: SampledModel,
  sessions: DecoderSessions,
  weights: WeightSource,
): Promise<{ distributions: TokenDistributions; prompts: ReadPrompt[] }> {
  const prompts = batchBucket(groups.length);
  const length = lengthBucket(groups[0]!.prompt.length);
  const shape = {
    prompts,
    length,
    layout: layoutFor(prompts * length),
    tempered: groups.some(({ temperature }) => temperature !== 1),
    cached: groups.some(({ sequences }) => sequences.some(({ maxTokens }) => maxTokens > 1)),
  };
  const tokens = new Int32Array(prompts * length);
  const lengths = new Int32Array(prompts).fill(1);
  const inverseTemperatures = new Float32Array(prompts).fill(1);
  groups.forEach(({ prompt, temperature }, index) => {
    tokens.set(prompt, index * length);
    lengths[index] = prompt.length;
    inverseTemperatures[index] = 1 / temperature;
  });
  const source = {
    key: `prefill ${JSON.stringify(shape)}`,
    build: () => prefillGraph(model, shape),
    tokens: prompts * length,
    logitRows: prompts,
  };
  const graph = await sessions.prepare(source, weights);
  graph.bind({
    [names.tokens]: tokens,
    [names.lengths]: lengths,
    ...(shape.tempered && { [names.inverseTemperatures]: inverseTemperatures }),
  });
  const results = await graph.run();
  const blocks = shape.cached ? newBlocks(results, model) : [];
  return {
    distributions: readDistributions(results, model.config, shape.layout),
    prompts: groups.map(({ prompt }, index) => ({
      blocks,
      index,
      blockSlots: length,
      length: prompt.length,
    })),
  };
}

/** New keys and values among the results of a run, in the order of the cache. */
export function newBlocks(results: Results, { config }: SampledModel): LayerBlocks {
  return Array.from({ length: config.layers }, (_, layer) => [
    results[names.newKey(layer)]!,
    results[names.newValue(layer)]!,
  ]).flat();
}
