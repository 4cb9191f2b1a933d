import { z } from "zod";
import { optional } from "./optional.ts";

/** A saved set of weights. Times are ISO 8601. */
export const Checkpoint = z.object({
  checkpoint_id: z.string(),
  checkpoint_type: z.string(),
  time: z.string(),
  tinker_path: z.string(),
  size_bytes: optional(z.number()),
  public: z.boolean().default(false),
  expires_at: optional(z.string()),
});

/** A saved set of weights. */
export type Checkpoint = z.infer<typeof Checkpoint>;

/** A model in training, or one that was. */
export const TrainingRun = z.object({
  training_run_id: z.string(),
  base_model: z.string(),
  model_owner: z.string().default(""),
  is_lora: z.boolean().default(true),
  corrupted: z.boolean().default(false),
  lora_rank: optional(z.int()),
  last_request_time: optional(z.string()),
  last_checkpoint: optional(Checkpoint),
  last_sampler_checkpoint: optional(Checkpoint),
  user_metadata: optional(z.record(z.string(), z.unknown())),
});

/** A model in training, or one that was. */
export type TrainingRun = z.infer<typeof TrainingRun>;

const Cursor = z.object({ offset: z.int(), limit: z.int(), total_count: z.int() });

/** Reply of `GET training_runs`. */
export const TrainingRunsReply = z.object({
  training_runs: z.array(TrainingRun),
  cursor: optional(Cursor),
});

/** Reply of the lists of checkpoints. */
export const CheckpointsReply = z.object({ checkpoints: z.array(Checkpoint), cursor: optional(Cursor) });

/** Body of `PUT …/ttl`; null means that the checkpoint never expires. */
export const TtlRequest = z.object({ ttl_seconds: z.int().min(1).nullable() });

/** Body of `weights_info`. */
export const WeightsInfoRequest = z.object({ tinker_path: z.string() });

/** Reply of `weights_info`: what a model must be to take the weights. */
export const WeightsInfo = z.object({
  base_model: z.string(),
  is_lora: z.boolean(),
  lora_rank: optional(z.int()),
  train_unembed: optional(z.boolean()),
  train_mlp: optional(z.boolean()),
  train_attn: optional(z.boolean()),
});

/** Reply of `weights_info`. */
export type WeightsInfo = z.infer<typeof WeightsInfo>;

/** Reply of `GET …/archive` where it is no redirect: where the archive lies, and until when. */
export const ArchiveReply = z.object({ url: z.string(), expires: optional(z.string()) });
