import type { LossName } from "./loss.ts";

/** What a training server can do. An algorithm that would be computed wrongly is refused with the reason. */
export interface Capabilities {
  readonly modelName: string;
  /** Tokens of prompt and completion together. */
  readonly maxContextLength: number;
  readonly vocabularySize: number;
  readonly losses: readonly LossName[];
  /** True where a loss is a plain sum over tokens with weights of any sign taken literally. */
  readonly signedWeights: boolean;
  readonly gradClipNorm: boolean;
  /** True where policy losses take `kl_beta` and `reference_logprobs` (an extension of the in-process engine). */
  readonly referenceKl: boolean;
  /** LoRA rank, or 0 for full fine-tuning. */
  readonly loraRank: number;
}
