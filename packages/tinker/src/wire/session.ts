import { z } from "zod";
import { optional } from "./optional.ts";

/** Body of `client/config` and `client/dynamic_config`. */
export const ClientConfigRequest = z.object({ sdk_version: z.string().optional() });

/** Settings that a server hands to its clients; what it does not state has the official default. */
export const ClientConfig = z.object({
  parallel_fwdbwd_chunks: z.boolean().default(true),
  /** Whether protobuf bodies may be compressed with zstd. */
  proto_compress_fwdbwd: z.boolean().default(false),
  fwdbwd_max_chunk_len: z.int().min(1).default(1024),
  fwdbwd_max_chunk_bytes_count: z.int().min(1).default(5_000_000),
  sample_max_concurrent_requests: z.int().min(1).default(2000),
  billing_exception_max_pause_duration_sec: z.number().min(0).default(3600),
  pjwt_auth_enabled: z.boolean().default(false),
});

/** Settings that a server hands to its clients. */
export type ClientConfig = z.infer<typeof ClientConfig>;

/** Settings that a client asks for again and again. */
export const DynamicConfig = z.object({
  refresh_interval_sec: z.number().default(300),
  sample_cancel_enabled: z.boolean().default(false),
});

/** Body of `create_session`. */
export const CreateSessionRequest = z.object({
  tags: z.array(z.string()).default([]),
  user_metadata: optional(z.record(z.string(), z.unknown())),
  sdk_version: optional(z.string()),
  project_id: optional(z.string()),
});

/** Body of `create_session`. */
export type CreateSessionRequest = z.infer<typeof CreateSessionRequest>;

/** Reply of `create_session`; the messages are for people. */
export const CreateSessionReply = z.object({
  session_id: z.string().min(1),
  info_message: optional(z.string()),
  warning_message: optional(z.string()),
  error_message: optional(z.string()),
});

/** Body of `session_heartbeat`. */
export const HeartbeatRequest = z.object({ session_id: z.string() });

/** Reply of `auth/token`. */
export const AuthTokenReply = z.object({ jwt: z.string().min(1) });

/** A model that a server offers. What follows the first four fields is an extension of this toolkit's own server. */
export const SupportedModel = z.object({
  model_name: optional(z.string()),
  max_context_length: optional(z.int().min(1)),
  trainable: optional(z.boolean()),
  sampleable: optional(z.boolean()),
  vocabulary_size: optional(z.int().min(1)),
  losses: optional(z.array(z.string())),
  /** True where policy losses take `kl_beta` and `reference_logprobs`. */
  reference_kl: optional(z.boolean()),
});

/** A model that a server offers. */
export type SupportedModel = z.infer<typeof SupportedModel>;

/** Reply of `get_server_capabilities`. `server` is an extension: which software answers. */
export const ServerCapabilities = z.object({
  supported_models: z.array(SupportedModel).default([]),
  server: optional(z.string()),
});

/** Reply of `get_server_capabilities`. */
export type ServerCapabilities = z.infer<typeof ServerCapabilities>;

/** Reply of `GET sessions`. */
export const SessionsReply = z.object({ sessions: z.array(z.string()) });

/** Reply of `GET sessions/{id}`. */
export const SessionReply = z.object({
  training_run_ids: z.array(z.string()).default([]),
  sampler_ids: z.array(z.string()).default([]),
});

/** Body of `create_sampling_session`: one of base model and path. */
export const CreateSamplingSessionRequest = z.object({
  session_id: z.string(),
  sampling_session_seq_id: z.int().min(0),
  base_model: optional(z.string()),
  model_path: optional(z.string()),
});

/** Body of `create_sampling_session`. */
export type CreateSamplingSessionRequest = z.infer<typeof CreateSamplingSessionRequest>;

/** Reply of `create_sampling_session`. */
export const CreateSamplingSessionReply = z.object({ sampling_session_id: z.string().min(1) });

/** Reply of `GET samplers/{id}`. */
export const SamplerReply = z.object({
  sampler_id: z.string(),
  base_model: z.string(),
  model_path: optional(z.string()),
});
