/** AdamW as `torch.optim.AdamW`: decoupled decay, bias correction. Field defaults are the protocol's. */
export interface AdamParams {
  /** Default 1e-4. */
  readonly learning_rate?: number;
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.95. */
  readonly beta2?: number;
  /** Default 1e-12. */
  readonly eps?: number;
  /** Decoupled decay, default 0. */
  readonly weight_decay?: number;
  /** Bound on the global gradient norm over all trainable parameters; 0 (the default) means off. */
  readonly grad_clip_norm?: number;
}

/** What an omitted field means. */
export const ADAM_DEFAULTS: Required<AdamParams> = {
  learning_rate: 1e-4,
  beta1: 0.9,
  beta2: 0.95,
  eps: 1e-12,
  weight_decay: 0,
  grad_clip_norm: 0,
};
