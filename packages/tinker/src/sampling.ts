import type { TokenIds } from "./model-input.ts";

/** How to sample. Temperature 0 is greedy. */
export interface SamplingParams {
  /** Most tokens to generate, at least 1. */
  readonly maxTokens: number;
  /** Default 1. */
  readonly temperature?: number;
  /** Nucleus mass in (0, 1], default 1. */
  readonly topP?: number;
  /** Number of most likely tokens kept; −1 (the default) keeps all. */
  readonly topK?: number;
  /** Stop strings or stop token ids. A stop token is part of the returned tokens. */
  readonly stop?: readonly string[] | readonly number[];
  /**
   * So many most likely tokens are returned for the place of each sampled token; default 0. An extension: samplers that cannot
   * do it refuse it.
   */
  readonly topLogprobs?: number;
  /** Seed of this request; equal requests with equal seeds give equal tokens. */
  readonly seed?: number;
}

/** How to sample one prompt, and how often. */
export interface SampleOptions extends SamplingParams {
  /** Samples of the prompt, default 1. */
  readonly numSamples?: number;
  /** Also return the logprob of each prompt token (the first is null). */
  readonly promptLogprobs?: boolean;
}

/** A token and its natural logprob. */
export interface TokenLogprob {
  readonly token: number;
  readonly logprob: number;
}

/** One completion. */
export interface SampledSequence {
  readonly tokens: Int32Array;
  /**
   * Logprob of each token under the model's own distribution at temperature 1 (raw: before temperature, top-k and
   * top-p), which is the quantity that the trainer computes for the same tokens.
   */
  readonly logprobs: Float32Array;
  readonly stopReason: "stop" | "length";
  /** Where they were asked for: the most likely tokens at the place of each token, the likeliest first; raw logprobs. */
  readonly topLogprobs?: readonly (readonly TokenLogprob[])[];
}

/** The completions of one prompt. */
export interface SampleResult {
  readonly sequences: readonly SampledSequence[];
  readonly promptLogprobs?: readonly (number | null)[];
}

/** A prompt of a batch with the options that differ from the batch's. */
export interface SampleRequest {
  readonly prompt: TokenIds;
  readonly options: SampleOptions;
}
