import type { SeededStream } from "@armature/engine";
import type {
  AdamParams,
  ForwardBackwardResult,
  KlEstimator,
  Pending,
  Sampler,
  TrainingModel,
} from "@armature/tinker";
import { mean, standardDeviation } from "../evaluation/moments.ts";
import { type AdvantageStd, isConstantGroup } from "./advantages.ts";
import { grpoSamples, type Sample } from "./grpo-samples.ts";
import type { Baseline } from "./optimal-baseline.ts";
import { type DriftMetrics, PolicyDrift } from "./policy-drift.ts";
import { clippedPolicyLoss } from "./policy-loss.ts";
import type { Rollout, RolloutGroup } from "./rollout.ts";

/**
 * How token losses become one number: `sequence-mean` averages over a completion's tokens, then over completions
 * (Rubric-ARM, appendix A); `token-mean` over all tokens of the batch (DAPO); `dr-grpo` divides by the constant
 * longest length (Dr. GRPO).
 */
export type LossNormalization = "sequence-mean" | "token-mean" | "dr-grpo";

/** Settings of one update; the paper's values are those of the `paper` preset. */
export interface GrpoSettings {
  /** Ratio bounds are 1 − clipLow and 1 + clipHigh (the paper: 0.2 and 0.28). */
  readonly clipLow: number;
  readonly clipHigh: number;
  readonly advantageStd: AdvantageStd;
  readonly lossNormalization: LossNormalization;
  /** Groups whose rewards are all equal: `drop` leaves them out (they still count in the divisor), `keep` lets their KL term act. */
  readonly constantGroups: "drop" | "keep";
  readonly klBeta: number;
  readonly klEstimator: KlEstimator;
  /** Where the KL term acts, see `grpoSamples`; the paper and the default: in the loss. */
  readonly klPlacement?: "loss" | "reward" | "advantage";
  /** What rewards are measured against; the mean where nothing is said. */
  readonly baseline?: Baseline;
  /** Optimizer steps per pass over the rollouts. */
  readonly minibatches: number;
  /** Passes over the same rollouts (the paper: 2). */
  readonly innerUpdates: number;
  /** Longest completion, the divisor of `dr-grpo`. */
  readonly maxTokens: number;
  readonly adam: AdamParams;
}

/** A policy that is trained, and the frozen policy that it is kept close to. */
export interface Policy {
  readonly model: TrainingModel;
  readonly reference?: Sampler;
}

/** What one update saw and did. Null where there was nothing to measure: no reward, or no group that was trained. */
export interface GrpoMetrics extends DriftMetrics {
  readonly rewardMean: number | null;
  /** Share of rollouts whose reward could not be measured. */
  readonly nullRewards: number;
  /** Share of rollouts in groups whose rewards differ. */
  readonly keptShare: number;
  /** Standard deviation of the advantages of all trained completions. */
  readonly advantageStd: number | null;
  readonly completionLength: number | null;
  readonly gradNorm: number | null;
  readonly optimizerSteps: number;
  readonly trainedTokens: number;
}

/**
 * One GRPO update on a batch of groups: group-relative advantages, the clipped token ratio with clip-higher and the KL
 * term in the loss, `innerUpdates` passes of `minibatches` optimizer steps. Rubric-ARM, appendix A.
 */
export async function grpoUpdate(
  policy: Policy,
  groups: readonly RolloutGroup[],
  settings: GrpoSettings,
  order: SeededStream,
): Promise<GrpoMetrics> {
  const all = groups.flat();
  const rewarded = all.filter((rollout) => rollout.reward !== null);
  const counted = rewarded.filter((rollout) => rollout.masked !== true);
  const trained = groups.filter(
    (group) => settings.constantGroups === "keep" || !isConstantGroup(group.map((r) => r.reward)),
  );
  const weightOf = tokenWeight(counted, settings);
  const samples = (await grpoSamples(policy.reference, trained, weightOf, settings)).filter(
    (group) => group.length > 0,
  );

  const steps: {
    part: readonly Sample[];
    result: Pending<ForwardBackwardResult>;
    norm: Promise<number | undefined>;
  }[] = [];
  for (let pass = 0; pass < settings.innerUpdates; pass++) {
    // Groups stay whole: responses that stand side by side in a call share the computation of their prompt.
    const shuffled = order.shuffled(samples);
    for (let m = 0; m < settings.minibatches; m++) {
      const part = shuffled.filter((_, group) => group % settings.minibatches === m).flat();
      if (part.length === 0) continue;
      const result = accumulate(policy.model, part, settings);
      const norm = policy.model.optimStep(settings.adam).result.then((r) => r.metrics["grad_norm:last"]);
      steps.push({ part, result, norm });
    }
  }
  const results = await Promise.all(steps.map((step) => step.result.result));
  const norms = await Promise.all(steps.map((step) => step.norm));

  const drift = new PolicyDrift(settings);
  steps.forEach(({ part }, s) => {
    part.forEach((sample, i) => {
      drift.add(sample, results[s]!.logprobs[i]!, s === 0);
    });
  });
  return {
    rewardMean: mean(rewarded.map((rollout) => rollout.reward!)),
    nullRewards: all.length === 0 ? 0 : 1 - rewarded.length / all.length,
    keptShare:
      groups
        .filter((group) => !isConstantGroup(group.map((r) => r.reward)))
        .reduce((sum, group) => sum + group.length, 0) / Math.max(1, all.length),
    advantageStd: standardDeviation(samples.flat().map(({ advantage }) => advantage)),
    ...drift.metrics(),
    completionLength: mean(all.map((rollout) => rollout.tokens.length)),
    gradNorm: mean(norms.flatMap((norm) => norm ?? [])),
    optimizerSteps: steps.length,
    trainedTokens: steps.reduce((sum, s) => sum + s.part.reduce((n, x) => n + x.terms.sampled.length, 0), 0),
  };
}

/** Weight of one token of a completion so that the batch's sum of token losses is the normalised loss of one step. */
function tokenWeight(counted: readonly Rollout[], settings: GrpoSettings): (rollout: Rollout) => number {
  const perStep = settings.minibatches;
  switch (settings.lossNormalization) {
    case "sequence-mean":
      return (rollout) => perStep / (counted.length * rollout.tokens.length);
    case "token-mean": {
      const tokens = counted.reduce((sum, rollout) => sum + rollout.tokens.length, 0);
      return () => perStep / tokens;
    }
    case "dr-grpo":
      return () => perStep / (counted.length * settings.maxTokens);
  }
}

/** Adds one minibatch's gradients; a server without the KL extension gets the loss as a custom one. */
function accumulate(
  model: TrainingModel,
  part: readonly Sample[],
  settings: GrpoSettings,
): Pending<ForwardBackwardResult> {
  const data = part.map((sample) => sample.datum);
  const [low, high] = [1 - settings.clipLow, 1 + settings.clipHigh];
  const withKl = settings.klBeta !== 0 && part[0]!.terms.reference !== undefined;
  if (!withKl || model.capabilities.referenceKl) {
    return model.forwardBackward(data, {
      name: "ppo",
      config: {
        clip_low_threshold: low,
        clip_high_threshold: high,
        ...(withKl && { kl_beta: settings.klBeta, kl_estimator: settings.klEstimator }),
      },
    });
  }
  const { klBeta, klEstimator } = settings;
  const plain = data.map(({ modelInput, lossInputs }) => ({
    modelInput,
    lossInputs: { target_tokens: lossInputs.target_tokens },
  }));
  return model.forwardBackwardCustom(
    plain,
    clippedPolicyLoss(
      part.map((sample) => sample.terms),
      { low, high, klBeta, klEstimator },
    ),
  );
}
