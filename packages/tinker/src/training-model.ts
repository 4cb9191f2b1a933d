import type { Capabilities } from "./capabilities.ts";
import type { Datum } from "./datum.ts";
import type { Loss } from "./loss.ts";
import type { TokenIds } from "./model-input.ts";
import type { AdamParams } from "./optimizer.ts";
import type { Pending } from "./pending.ts";
import type { SampleOptions, SampleRequest, SampleResult } from "./sampling.ts";

/** Result of one forward or forward-backward call, one entry per datum in the order given. */
export interface ForwardBackwardResult {
  /** Logprob of each target token, length N of the datum. */
  readonly logprobs: readonly Float32Array[];
  /** `loss:sum` and, from some servers, more; the part after the colon says how chunks merge. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** Result of one optimizer step; the part of a metric's name after a colon says how parts merge. */
export interface OptimStepResult {
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * A loss computed by the caller from the logprobs of all datums of the call: its value and dC/dlogprob per position.
 */
export type CustomLoss = (logprobs: readonly Float32Array[]) => {
  readonly loss: number;
  readonly gradients: readonly Float32Array[];
  readonly metrics?: Readonly<Record<string, number>>;
};

/**
 * The training primitives, the same for the in-process engine and for any remote server. Calls take effect in the order
 * in which they are made; gradients add up over any number of `forwardBackward` calls until `optimStep` uses and clears
 * them; the result does not depend on how datums were split into calls.
 */
export interface TrainingModel {
  readonly capabilities: Capabilities;
  /** Logprobs only; gradients are left as they are. */
  forward(data: readonly Datum[]): Pending<ForwardBackwardResult>;
  forwardBackward(data: readonly Datum[], loss: Loss): Pending<ForwardBackwardResult>;
  /** Forward, the caller's loss, then a cross-entropy backward with weights −dC/dlogprob: first-order exact. */
  forwardBackwardCustom(data: readonly Datum[], loss: CustomLoss): Pending<ForwardBackwardResult>;
  optimStep(adam: AdamParams): Pending<OptimStepResult>;
  /** Saves weights and optimizer state under a name; the result is the path that `loadState` takes. */
  saveState(name: string): Pending<{ readonly path: string }>;
  /** Saves weights alone, for sampling or as the start of another training (`save_weights_for_sampler`). */
  saveWeights(name: string): Pending<{ readonly path: string }>;
  loadState(path: string, options?: { readonly optimizer?: boolean }): Pending<void>;
  /**
   * A sampler of the weights as they are after all calls made so far. It keeps those weights: later updates do not reach it.
   * Give it back with `dispose`.
   */
  samplerNow(): Pending<Sampler>;
  dispose(): Promise<void>;
}

/** Which logprobs somebody will read. */
export interface WantedLogprobs {
  /** For each sequence the first token whose logprob is wanted: those before it may be NaN, which saves work. */
  readonly from: readonly number[];
}

/** Samples from one fixed set of weights. */
export interface Sampler {
  sample(prompt: TokenIds, options: SampleOptions): Pending<SampleResult>;
  /** Many prompts at once: the server batches them as it likes; results stand in the order given. */
  sampleMany(requests: readonly SampleRequest[]): Pending<readonly SampleResult[]>;
  /** Logprob of each token given those before it; the first is NaN. */
  logprobs(tokens: TokenIds): Pending<Float32Array>;
  /** The same for many sequences, batched. */
  logprobsMany(sequences: readonly TokenIds[], wanted?: WantedLogprobs): Pending<readonly Float32Array[]>;
  dispose(): Promise<void>;
}
