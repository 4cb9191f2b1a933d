import type { Sample } from "./grpo-samples.ts";
import { klTerm } from "./policy-loss.ts";

/** Null where there was no token to measure. */
export interface DriftMetrics {
  /** Mean over tokens of the k3 estimate of KL(policy ‖ reference) before the update; null without a KL term. */
  readonly kl: number | null;
  /** Share of tokens whose ratio left the bounds, over all optimizer steps. */
  readonly clipFraction: number | null;
  /** Largest |sampler logprob − trainer logprob| before the update: rounding, or what updates since sampling have changed. */
  readonly samplerTrainerGap: number | null;
}

/** How far a policy is from the one that sampled and from its reference, token by token over the steps of an update. */
export class PolicyDrift {
  readonly #bounds: { readonly low: number; readonly high: number };
  #tokens = 0;
  #outside = 0;
  #before = 0;
  #gap = 0;
  #referenced = 0;
  #kl = 0;

  constructor({ clipLow, clipHigh }: { readonly clipLow: number; readonly clipHigh: number }) {
    this.#bounds = { low: 1 - clipLow, high: 1 + clipHigh };
  }

  /** One completion of one optimizer step: `logprobs` of its datum's positions, `first` in the update's first step. */
  add({ rollout, offset, reference }: Sample, logprobs: Float32Array, first: boolean): void {
    const { low, high } = this.#bounds;
    for (let t = 0; t < rollout.logprobs.length; t++) {
      const logprob = logprobs[offset + t]!;
      const drift = logprob - rollout.logprobs[t]!;
      const ratio = Math.exp(drift);
      this.#tokens += 1;
      if (ratio > high || ratio < low) this.#outside += 1;
      if (!first) continue;
      this.#before += 1;
      this.#gap = Math.max(this.#gap, Math.abs(drift));
      if (!reference) continue;
      this.#referenced += 1;
      this.#kl += klTerm(logprob - reference[t]!, "k3")[0];
    }
  }

  metrics(): DriftMetrics {
    return {
      kl: this.#referenced === 0 ? null : this.#kl / this.#referenced,
      clipFraction: this.#tokens === 0 ? null : this.#outside / this.#tokens,
      samplerTrainerGap: this.#before === 0 ? null : this.#gap,
    };
  }
}
