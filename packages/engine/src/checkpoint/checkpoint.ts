import type { ModelConfig } from "../model/model-config.ts";
import type { TokenizerFiles } from "../tokenizer/tokenizer.ts";
import type { JsonObject } from "../weights/json-file.ts";
import type { NamedArray } from "../weights/weight-file.ts";
import type { AdapterSettings } from "./peft-adapter.ts";

/** A training run at one moment: what it takes to go on, in a layout that other programs load, too. */
export type Checkpoint = FullCheckpoint | AdapterCheckpoint;

/** All weights, as a Hugging Face model folder. */
export interface FullCheckpoint extends CheckpointState {
  readonly kind: "full";
  readonly config: ModelConfig;
  /** `scalar` where a score stands in place of the logits (`score.weight`). Default `language`. */
  readonly head?: "language" | "scalar";
}

/** A LoRA adapter, as a PEFT folder; parameters have PEFT's names. */
export interface AdapterCheckpoint extends CheckpointState {
  readonly kind: "adapter";
  readonly adapter: AdapterSettings;
  /** `fingerprintWeights` of the base model's weights. */
  readonly baseFingerprint: string;
}

interface CheckpointState {
  readonly parameters: ReadonlyMap<string, NamedArray>;
  readonly optimizer?: OptimizerMoments;
  /** Saved beside the weights, so that the folder is a complete model. */
  readonly tokenizer?: TokenizerFiles;
  /** Whatever else a run needs to go on exactly: JSON without NaN or infinities. */
  readonly extra?: JsonObject;
}

/** AdamW's memory by parameter name. */
export interface OptimizerMoments {
  /** Steps taken. */
  readonly step: number;
  /** Running mean of the gradients. */
  readonly firstMoment: ReadonlyMap<string, Float32Array>;
  /** Running mean of their squares. */
  readonly secondMoment: ReadonlyMap<string, Float32Array>;
}
