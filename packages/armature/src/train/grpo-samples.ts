import { completionDatum, type Datum, type Sampler } from "@armature/tinker";
import { mean, standardDeviation } from "../evaluation/moments.ts";
import { groupAdvantages } from "./advantages.ts";
import type { GrpoSettings } from "./grpo.ts";
import { baselineWeights } from "./optimal-baseline.ts";
import type { PolicyTerms } from "./policy-loss.ts";
import type { Rollout, RolloutGroup } from "./rollout.ts";

/** A completion that is trained on. */
export interface Sample {
  readonly datum: Datum;
  readonly rollout: Rollout;
  /** Relative within the group, before the weight in the loss and before a KL part of its own. */
  readonly advantage: number;
  readonly terms: PolicyTerms;
  /** Logprobs of the completion's tokens under the reference policy, where the KL term asks for them. */
  readonly reference?: Float32Array;
  /** Position in the datum that predicts the completion's first token. */
  readonly offset: number;
}

/**
 * What a batch's groups train on, still grouped: the completions with a reward that are not masked. With d = log π − log π_ref
 * of the policy that sampled, `klPlacement` puts the KL term into the loss, into the reward (R − β Σ_t d_t, before the group's
 * statistics) or into the advantage of each token (Â − β (d_t − mean of d over the batch)).
 */
export async function grpoSamples(
  reference: Sampler | undefined,
  groups: readonly RolloutGroup[],
  weightOf: (rollout: Rollout) => number,
  settings: GrpoSettings,
): Promise<readonly (readonly Sample[])[]> {
  const { klBeta, klPlacement = "loss", advantageStd, baseline = "mean" } = settings;
  const known = groups.map((group) => group.filter(({ reward }) => reward !== null));
  const ofReference = await referenceLogprobs(klBeta === 0 ? undefined : reference, known.flat());
  const distance = (rollout: Rollout) => logRatio(rollout, ofReference.get(rollout));
  const earned = (rollout: Rollout) => {
    const kl = klPlacement === "reward" ? distance(rollout) : undefined;
    return rollout.reward! - klBeta * (kl?.reduce((sum, d) => sum + d, 0) ?? 0);
  };
  const rewards = known.map((group) => group.map(earned));
  const batchStd = standardDeviation(rewards.flat()) ?? 0;
  const all = known.flatMap((group, g) => {
    const weights = baselineWeights(group, baseline);
    const advantages = groupAdvantages(rewards[g]!, advantageStd, { batchStd, ...(weights && { weights }) });
    return group.map((rollout, i) => ({ rollout, advantage: advantages[i]!, group: g }));
  });
  const trained = all.filter(({ rollout }) => rollout.masked !== true);
  const perToken = klPlacement === "advantage" ? trained.map(({ rollout }) => distance(rollout)) : [];
  const meanDistance = mean(perToken.flatMap((row) => [...(row ?? [])])) ?? 0;
  const samples = trained.map(({ rollout, advantage, group }, i) => {
    const own = perToken[i];
    const advantages = new Float32Array(rollout.tokens.length).fill(advantage);
    if (own)
      for (let t = 0; t < own.length; t++) advantages[t] = advantage - klBeta * (own[t]! - meanDistance);
    const kept = ofReference.get(rollout);
    return { group, sample: sampleOf(rollout, advantage, advantages, weightOf(rollout), kept, klPlacement) };
  });
  return groups.map((_, g) => samples.filter(({ group }) => group === g).map(({ sample }) => sample));
}

async function referenceLogprobs(
  reference: Sampler | undefined,
  rollouts: readonly Rollout[],
): Promise<ReadonlyMap<Rollout, Float32Array>> {
  if (!reference) return new Map();
  const rows = await reference.logprobsMany(
    rollouts.map(({ prompt, tokens }) => Int32Array.from([...prompt, ...tokens])),
    { from: rollouts.map(({ prompt }) => prompt.length) },
  ).result;
  return new Map(rollouts.map((rollout, i) => [rollout, rows[i]!.subarray(rollout.prompt.length)]));
}

function logRatio({ logprobs }: Rollout, reference: Float32Array | undefined): Float32Array | undefined {
  return reference && logprobs.map((logprob, t) => logprob - reference[t]!);
}

function sampleOf(
  rollout: Rollout,
  advantage: number,
  advantages: Float32Array,
  weight: number,
  reference: Float32Array | undefined,
  klPlacement: "loss" | "reward" | "advantage",
): Sample {
  const inLoss = reference && klPlacement === "loss";
  const datum = completionDatum(rollout.prompt, rollout.tokens, {
    logprobs: rollout.logprobs,
    advantages: advantages.map((value) => value * weight),
    ...(inLoss && {
      reference_logprobs: reference,
      kl_weights: new Float32Array(rollout.tokens.length).fill(weight),
    }),
  });
  const { logprobs, advantages: weighted, reference_logprobs, kl_weights } = datum.lossInputs;
  return {
    datum,
    rollout,
    advantage,
    offset: rollout.prompt.length - 1,
    ...(reference && { reference }),
    terms: {
      sampled: logprobs!.data as Float32Array,
      advantages: weighted!.data as Float32Array,
      ...(inLoss && {
        reference: reference_logprobs!.data as Float32Array,
        klWeights: kl_weights!.data as Float32Array,
      }),
    },
  };
}
