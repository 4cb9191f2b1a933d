import type { SampledSequence, SampleRequest, Sampler, TokenIds } from "@armature/tinker";
import type { Policy } from "./grpo.ts";

/** One of Rubric-ARM's two models, with what a run needs of it. */
export type Player = Policy;

/** Samples the prompts with the policy's present weights and gives the sampler back. */
export async function sampleNow(
  player: Player,
  requests: readonly SampleRequest[],
): Promise<readonly (readonly SampledSequence[])[]> {
  const sampler = await player.model.samplerNow().result;
  try {
    return await sampleWith(sampler, requests);
  } finally {
    await sampler.dispose();
  }
}

/** Samples the prompts with a fixed sampler. */
export async function sampleWith(
  sampler: Sampler,
  requests: readonly SampleRequest[],
): Promise<readonly (readonly SampledSequence[])[]> {
  const results = await sampler.sampleMany(requests).result;
  return results.map((result) => result.sequences);
}

/** A request with its own seed, so that a batch's composition does not change what a prompt gets. */
export function request(
  prompt: TokenIds,
  options: {
    stop: readonly number[];
    maxTokens: number;
    temperature: number;
    seed: number;
    numSamples?: number;
  },
): SampleRequest {
  return { prompt, options };
}
