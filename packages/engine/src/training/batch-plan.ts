import type { ModelConfig } from "../model/model-config.ts";
import { layerWork } from "./layer-work.ts";
import { type MicroBatch, microBatches, plainMicroBatches } from "./micro-batches.ts";
import { prefixGroups, type Sequence } from "./prefix-groups.ts";
import { ACTIVATION_BYTES, type Activations, activationBytes, defaultTokenBudget } from "./token-budget.ts";

/** A sequence that cannot be cut may take this much before its layers are recomputed. */
const LARGEST_BATCH_BYTES = 2 * ACTIVATION_BYTES;

/** Time of a step with recomputation over one without. */
const RECOMPUTE_COST = 4 / 3;

/** How some sequences are run. */
export interface BatchPlan {
  readonly batches: readonly MicroBatch[];
  /** True where layers are computed again in the backward pass. */
  readonly recompute: boolean;
}

/** What the caller of a trainer decided, see `TrainerOptions`; what is absent is chosen. */
export interface PlanOptions {
  /** False for a forward pass alone, which keeps no layer. */
  readonly learning: boolean;
  readonly tokenBudget?: number;
  readonly packGroups?: boolean;
  readonly recompute?: boolean;
}

/**
 * Cuts sequences into micro-batches and decides about recomputation. The plan depends on lengths and shared prompts only,
 * so a repeated run repeats it.
 */
export function planBatches(
  config: ModelConfig,
  sequences: readonly Sequence[],
  options: PlanOptions,
): BatchPlan {
  const work = layerWork(config);
  const cut = (kept: Activations) => {
    const { packGroups = true, tokenBudget = defaultTokenBudget(config, kept) } = options;
    return packGroups
      ? microBatches(sequences, prefixGroups(sequences), { tokenBudget, work })
      : plainMicroBatches(sequences, tokenBudget);
  };
  if (!options.learning) return { batches: cut("one layer"), recompute: false };
  const recomputed = { batches: cut("one layer"), recompute: true };
  if (options.recompute === true) return recomputed;
  const plain = { batches: cut("all layers"), recompute: false };
  if (options.recompute === false) return plain;
  const tooLarge = plain.batches.some(
    (batch) => batchBytes(config, batch, "all layers") > LARGEST_BATCH_BYTES,
  );
  const slower = batchWork(plain.batches, work) > RECOMPUTE_COST * batchWork(recomputed.batches, work);
  return tooLarge || slower ? recomputed : plain;
}

/** Bytes of the activations of a micro-batch. */
export function batchBytes(
  config: ModelConfig,
  { groups, prefixTime, lanes, laneTime }: Pick<MicroBatch, "groups" | "prefixTime" | "lanes" | "laneTime">,
  kept: Activations,
): number {
  const positions = groups * (prefixTime + lanes * laneTime);
  return activationBytes(config, kept, positions, prefixTime + laneTime);
}

function batchWork(batches: readonly MicroBatch[], work: ReturnType<typeof layerWork>): number {
  return batches.reduce((sum, { groups, prefixTime, lanes, laneTime }) => {
    const positions = lanes * laneTime;
    const pairs = prefixTime * prefixTime + positions * (prefixTime + laneTime);
    return sum + groups * work(prefixTime + positions, pairs);
  }, 0);
}
