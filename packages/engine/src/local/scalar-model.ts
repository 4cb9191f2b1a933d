import type { AdamParams, OptimStepResult, Pending, TokenIds } from "@armature/tinker";

/** What a loss makes of scores. */
export interface ScoreLossResult {
  readonly loss: number;
  /** dLoss/dscore, one per sequence; all finite. */
  readonly gradients: ArrayLike<number>;
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A loss over the scores of all sequences of a call. */
export type ScoreLoss = (scores: Float32Array) => ScoreLossResult;

/** What a forward and backward pass of a scalar model gives. */
export interface ScoreResult {
  /** One score per sequence. */
  readonly scores: Float32Array;
  /** `loss:sum` and what the loss added. */
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * A transformer with a scalar head in place of the language model's: it gives one score per sequence, linear in the last
 * layer's normed activation at the last token (Hugging Face's `...ForSequenceClassification` with one label). No part of
 * the training protocol. Calls take effect in the order in which they are made. Sequences that begin alike are cheapest as
 * neighbours. Refused calls reject with `TinkerError` of kind `user` and change nothing.
 */
export interface ScalarModel {
  /** One score per sequence of 1 to `maxContextLength` tokens. */
  score(sequences: readonly TokenIds[]): Pending<Float32Array>;
  /** Adds the loss's gradient with respect to body (or adapters) and head to those not yet stepped with. */
  forwardBackwardCustom(sequences: readonly TokenIds[], loss: ScoreLoss): Pending<ScoreResult>;
  /** One AdamW step with the gradients added up so far, which it clears. */
  optimStep(adam: AdamParams): Pending<OptimStepResult>;
  /** Weights and the optimizer's memory; a folder that `AutoModelForSequenceClassification` or PEFT reads. */
  saveState(name: string): Pending<{ readonly path: string }>;
  /** The weights alone. */
  saveWeights(name: string): Pending<{ readonly path: string }>;
  /** Goes on from a saved state; with `optimizer: false` from its weights with a new optimizer. */
  loadState(path: string, options?: { readonly optimizer?: boolean }): Pending<void>;
  dispose(): Promise<void>;
}
