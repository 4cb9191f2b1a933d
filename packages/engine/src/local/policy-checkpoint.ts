import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { readCheckpoint } from "../checkpoint/read-checkpoint.ts";
import { writeCheckpoint } from "../checkpoint/write-checkpoint.ts";
import { CheckpointError } from "../errors.ts";
import type { ModelConfig } from "../model/model-config.ts";
import type { AdamState } from "../optimizer/adamw.ts";
import type { TokenizerFiles } from "../tokenizer/tokenizer.ts";
import type { PolicyWeights } from "./policy-weights.ts";

/** What a checkpoint needs to know of the base that a policy was trained on. */
export interface CheckpointBase {
  readonly name: string;
  readonly config: ModelConfig;
  readonly tokenizer: TokenizerFiles | undefined;
  /** Of the base's weights; asked for adapters only, since it takes a pass over all of them. */
  fingerprint(): string;
}

/** Saves the trainable weights and, where given, the optimizer's memory: a PEFT folder for an adapter, else a whole model. */
export function savePolicy(
  folder: string,
  policy: PolicyWeights,
  optimizer: AdamState | undefined,
  base: CheckpointBase,
): void {
  const { trainable } = policy.store;
  const parameters = new Map(trainable.map(({ name, shape, values }) => [name, { shape, data: values }]));
  const moments = (flat: Float32Array) => {
    let start = 0;
    return new Map(
      trainable.map(({ name, values }) => {
        const part = flat.subarray(start, start + values.length);
        start += values.length;
        return [name, part] as const;
      }),
    );
  };
  const { lora, head } = policy;
  const state = {
    parameters,
    ...(optimizer && {
      optimizer: {
        step: optimizer.step,
        firstMoment: moments(optimizer.firstMoment),
        secondMoment: moments(optimizer.secondMoment),
      },
    }),
  };
  const checkpoint: Checkpoint = lora
    ? {
        kind: "adapter",
        adapter: { rank: lora.rank, alpha: lora.alpha, baseModel: base.name },
        baseFingerprint: base.fingerprint(),
        ...state,
      }
    : {
        kind: "full",
        config: base.config,
        head,
        ...(base.tokenizer && { tokenizer: base.tokenizer }),
        ...state,
      };
  writeCheckpoint(folder, checkpoint);
}

/**
 * Reads a checkpoint into a policy, with the optimizer's memory or, where that is not asked for, with an optimizer that
 * starts anew; gradients are cleared. Throws `CheckpointError` for a checkpoint of another model, one that is damaged, or
 * one without the optimizer state asked for.
 */
export function loadPolicy(
  folder: string,
  policy: PolicyWeights,
  optimizer: AdamState,
  withOptimizer: boolean,
  base: CheckpointBase,
): void {
  const { store, lora } = policy;
  const checkpoint = readCheckpoint(folder, {
    kind: lora ? "adapter" : "full",
    parameters: store.trainable,
    ...(lora && { rank: lora.rank, baseFingerprint: base.fingerprint() }),
  });
  if (checkpoint.kind === "adapter" && checkpoint.adapter.alpha !== lora?.alpha)
    throw new CheckpointError(
      `${folder}: has alpha ${checkpoint.adapter.alpha}, but the model's adapter has ${lora?.alpha}; set the same alpha`,
    );
  if (withOptimizer && !checkpoint.optimizer)
    throw new CheckpointError(
      `${folder}: holds no optimizer state; load it without, or resume from another checkpoint`,
    );
  for (const { name } of store.trainable) store.set(name, checkpoint.parameters.get(name)!.data);
  store.gradients.fill(0);
  optimizer.step = 0;
  optimizer.firstMoment.fill(0);
  optimizer.secondMoment.fill(0);
  if (!withOptimizer || !checkpoint.optimizer) return;
  const { step, firstMoment, secondMoment } = checkpoint.optimizer;
  optimizer.step = step;
  let start = 0;
  for (const { name, values } of store.trainable) {
    optimizer.firstMoment.set(firstMoment.get(name) ?? [], start);
    optimizer.secondMoment.set(secondMoment.get(name) ?? [], start);
    start += values.length;
  }
}
