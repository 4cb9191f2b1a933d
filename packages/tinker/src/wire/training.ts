import { z } from "zod";
import { optional } from "./optional.ts";

const metadata = optional(z.record(z.string(), z.unknown()));

/** Shape and start of a LoRA adapter. */
export const LoraSettings = z.object({
  rank: z.int().min(0),
  /** Extension of this toolkit's own server: the adapter's product is scaled by alpha / rank; 32 where it is absent. */
  alpha: optional(z.number().positive()),
  seed: optional(z.int()),
  train_unembed: z.boolean().default(true),
  train_mlp: z.boolean().default(true),
  train_attn: z.boolean().default(true),
});

/** Shape and start of a LoRA adapter. */
export type LoraSettings = z.input<typeof LoraSettings>;

/** Body of `create_model`. */
export const CreateModelRequest = z.object({
  session_id: z.string(),
  model_seq_id: z.int().min(0),
  base_model: z.string(),
  lora_config: optional(LoraSettings),
  user_metadata: metadata,
  optimizer_config: optional(z.object({ type: z.string() })),
});

/** Body of `create_model`. */
export type CreateModelRequest = z.infer<typeof CreateModelRequest>;

/** Result of `create_model`. */
export const CreateModelResult = z.object({ model_id: z.string().min(1) });

/** Body of `get_info` and `unload_model`. */
export const ModelRequest = z.object({ model_id: z.string() });

/** Reply of `get_info`. */
export const ModelInfoReply = z.object({
  model_id: z.string(),
  model_data: optional(
    z.object({
      arch: optional(z.string()),
      model_name: optional(z.string()),
      tokenizer_id: optional(z.string()),
    }),
  ),
  is_lora: optional(z.boolean()),
  lora_rank: optional(z.int()),
  model_name: optional(z.string()),
});

/** Reply of `get_info`. */
export type ModelInfoReply = z.infer<typeof ModelInfoReply>;

/** AdamW's fields; what is omitted has the protocol's default. */
export const WireAdamParams = z.object({
  learning_rate: z.number().default(1e-4),
  beta1: z.number().default(0.9),
  beta2: z.number().default(0.95),
  eps: z.number().default(1e-12),
  weight_decay: z.number().default(0),
  grad_clip_norm: z.number().default(0),
});

/** Body of `optim_step`, under either of the two names that SDKs have given to the parameters. */
export const OptimStepRequest = z
  .object({
    model_id: z.string(),
    seq_id: optional(z.int()),
    adam_params: optional(WireAdamParams),
    optim_params: optional(WireAdamParams),
    optimizer_params: optional(z.object({ type: z.string() })),
  })
  .transform((body, context) => {
    const adam = body.adam_params ?? body.optim_params;
    if (!adam) {
      const other = body.optimizer_params;
      context.addIssue(
        other ? `optimizer ${other.type} is not supported, only adamw is` : "needs adam_params",
      );
      return z.NEVER;
    }
    return { model_id: body.model_id, seq_id: body.seq_id, adam_params: adam };
  });

/** Result of `optim_step`. */
export const OptimStepResult = z.object({
  metrics: z
    .record(z.string(), z.number().nullable())
    .nullish()
    .transform(
      (metrics): Record<string, number> =>
        Object.fromEntries(Object.entries(metrics ?? {}).map(([name, value]) => [name, value ?? Number.NaN])),
    ),
});

/** Body of `save_weights`; without `path` the server chooses a name. */
export const SaveWeightsRequest = z.object({
  model_id: z.string(),
  seq_id: optional(z.int()),
  path: optional(z.string()),
  ttl_seconds: optional(z.int().min(1)),
  overwrite: z.boolean().default(false),
  user_metadata: metadata,
});

/** Body of `save_weights_for_sampler`: with `path` a checkpoint, without one a sampling session of its own. */
export const SaveWeightsForSamplerRequest = z.object({
  model_id: z.string(),
  seq_id: optional(z.int()),
  path: optional(z.string()),
  sampling_session_seq_id: optional(z.int().min(0)),
  ttl_seconds: optional(z.int().min(1)),
  user_metadata: metadata,
});

/** Result of `save_weights` and, with a name, of `save_weights_for_sampler`. */
export const SavedResult = z.object({ path: z.string().min(1) });

/** Result of `save_weights_for_sampler`: a path, or a sampling session. */
export const SavedForSamplerResult = z.object({
  path: optional(z.string()),
  sampling_session_id: optional(z.string()),
});

/** Body of `load_weights`, into a model or, with `session_id`, into one that it creates. */
export const LoadWeightsRequest = z.object({
  model_id: optional(z.string()),
  seq_id: optional(z.int()),
  session_id: optional(z.string()),
  model_seq_id: optional(z.int()),
  base_model: optional(z.string()),
  user_metadata: metadata,
  path: z.string(),
  optimizer: z.boolean(),
  weights_access_token: optional(z.string()),
});

/** Body of `load_weights`. */
export type LoadWeightsRequest = z.infer<typeof LoadWeightsRequest>;

/** Result of `load_weights`. */
export const LoadedResult = z.object({ path: optional(z.string()), model_id: optional(z.string()) });

/** Answer to the submission of every slow request. */
export const Submitted = z.object({
  request_id: z.union([z.string().min(1), z.int().transform(String)]),
  model_id: optional(z.string()),
  /** One id per sample, from servers of 0.26 and later. */
  sample_sequence_ids: optional(z.array(z.string())),
});

/** Answer to the submission of every slow request. */
export type Submitted = z.infer<typeof Submitted>;
