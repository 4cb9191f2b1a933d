import type { LossName } from "../loss.ts";
import type { Sampler, TrainingModel } from "../training-model.ts";

/** Which adapter a new model gets: W + (alpha / rank) · B·A on the named groups of matrices. */
export interface AdapterChoice {
  readonly rank: number;
  readonly alpha: number;
  /** q, k, v and o of every layer. */
  readonly attention: boolean;
  /** gate, up and down of every layer. */
  readonly mlp: boolean;
  /** The output head. */
  readonly head: boolean;
  /** Seed of the A matrices. */
  readonly seed: number;
}

/** Text to tokens and back, for the OpenAI-compatible routes alone: the training protocol speaks token ids. */
export interface TextCodec {
  /** Tokens of a plain text as the model expects one to begin. */
  encode(text: string): Int32Array;
  /** A conversation up to the opening of the assistant's turn. Absent where the model has no chat template. */
  readonly encodeChat?: (
    messages: readonly { readonly role: string; readonly content: string }[],
  ) => Int32Array;
  /** Without special tokens. */
  decode(tokens: ArrayLike<number>): string;
  /** Tokens that end an answer, and how each is spelt. */
  readonly endTokens: readonly number[];
  readonly endTexts: readonly string[];
}

/** One base model that an engine offers for training and sampling. */
export interface ServedModel {
  /** What requests call it. */
  readonly name: string;
  /** Where a client on this machine finds the tokenizer: a folder or the name itself. */
  readonly tokenizerId: string;
  readonly architecture: string;
  /** Tokens of prompt and completion together. */
  readonly maxContextLength: number;
  readonly vocabularySize: number;
  readonly losses: readonly LossName[];
  /** True where policy losses take `kl_beta` and `reference_logprobs`. */
  readonly referenceKl: boolean;
  readonly text?: TextCodec;
}

/**
 * What an engine implements to be put behind the training protocol. Several models may be open at once, each over one of
 * the base models, apart from each other. Calls of one model take effect in the order in which they are made.
 */
export interface TrainingBackend {
  readonly models: readonly ServedModel[];
  /**
   * A new model: an adapter at its start, or with null a copy of all weights. `saveState(name)` and `saveWeights(name)` of
   * it write the folder `name` below `folder`, and `loadState` takes the path of such a folder.
   * Throws `TinkerError` of kind `user` for a base model or an adapter that it does not have.
   */
  createModel(baseModel: string, adapter: AdapterChoice | null, folder: string): Promise<TrainingModel>;
  /** A sampler of a base model as it was loaded. */
  baseSampler(baseModel: string): Promise<Sampler>;
  /** Gives everything back; calls under way are rejected. */
  close(): Promise<void>;
}
