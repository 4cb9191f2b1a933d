import { SeededStream } from "@armature/engine";
import type { SampledSequence, SampleRequest, Sampler } from "@armature/tinker";
import type { Prompt } from "../data/prompt.ts";
import { request } from "../train/player.ts";
import type { Writer } from "./writer.ts";

/** A response as it was sampled. */
export interface PolicyResponse {
  readonly text: string;
  readonly tokens: Int32Array;
  /** Raw logprobs of the tokens under the policy that sampled them. */
  readonly logprobs: Float32Array;
  /** True where the response was cut at the longest length. */
  readonly cutOff: boolean;
}

/** A prompt with its sampled responses. */
export interface SampledPrompt {
  readonly prompt: Prompt;
  readonly promptTokens: Int32Array;
  readonly responses: readonly PolicyResponse[];
}

/** How responses are sampled: a prompt's samples depend on seed, names and its id only. */
export interface PolicySampling {
  readonly count: number;
  /** 0 is greedy. */
  readonly temperature: number;
  readonly seed: number;
  /** Names of the random stream. */
  readonly names: readonly (string | number)[];
}

/** Samples responses to prompts, prompts in the order given. */
export async function samplePolicy(
  sampler: Sampler,
  writer: Writer,
  prompts: readonly Prompt[],
  sampling: PolicySampling,
): Promise<readonly SampledPrompt[]> {
  const { stop, maxTokens } = writer.speaker;
  const requests = prompts.map((prompt): SampleRequest => {
    const seed = new SeededStream(sampling.seed, ...sampling.names, prompt.id).uint32();
    const { temperature, count: numSamples } = sampling;
    return request(writer.prompt(prompt), { stop, maxTokens, temperature, seed, numSamples });
  });
  const results = await sampler.sampleMany(requests).result;
  return results.map(({ sequences }, i) => ({
    prompt: prompts[i]!,
    promptTokens: Int32Array.from(requests[i]!.prompt),
    responses: sequences.map((sequence) => response(sequence, writer)),
  }));
}

/** The greedy response to each prompt. */
export async function greedyResponses(
  sampler: Sampler,
  writer: Writer,
  prompts: readonly Prompt[],
): Promise<readonly string[]> {
  const sampled = await samplePolicy(sampler, writer, prompts, {
    count: 1,
    temperature: 0,
    seed: 0,
    names: ["greedy"],
  });
  return sampled.map(({ responses }) => responses[0]!.text);
}

function response({ tokens, logprobs, stopReason }: SampledSequence, { speaker }: Writer): PolicyResponse {
  return { text: speaker.decode(tokens), tokens, logprobs, cutOff: stopReason === "length" };
}
