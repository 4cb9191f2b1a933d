import type { Datum } from "../datum.ts";
import { TinkerError } from "../errors.ts";
import { DEFAULT_CLIP, type Loss, type LossName } from "../loss.ts";

/** What is known of how a server computes. `unknown` means that nobody looked. */
export interface ServerProfile {
  /** `armature` where the server says so, else the address's host. */
  readonly name: string;
  /** How it is known: the server announced it, it was probed, or nothing is known. */
  readonly evidence: "announced" | "probed" | "none";
  /** Whether requests of a model take effect by their numbers whatever order they arrive in; if not, each waits for the answer to the one before. */
  readonly ordersByNumber: boolean;
  /** Whether gradients of the datums of a call add up, or are averaged. */
  readonly reduction: "sum" | "mean" | "unknown";
  /** Whether weights of any sign are taken literally. */
  readonly signedWeights: boolean | "unknown";
  /** Losses that it computes. */
  readonly losses: readonly LossName[];
  /** Whether `grad_clip_norm` has an effect. */
  readonly gradClipNorm: boolean | "unknown";
  /** Whether policy losses take `kl_beta` and `reference_logprobs`. */
  readonly referenceKl: boolean;
  /** What deviates from the protocol, in words. */
  readonly deviations: readonly string[];
}

/** All losses of the protocol. */
export const ALL_LOSSES: readonly LossName[] = ["cross_entropy", "importance_sampling", "ppo", "cispo"];

/** A server that nobody has looked at. */
export const unknownProfile = (name: string): ServerProfile => ({
  name,
  evidence: "none",
  ordersByNumber: false,
  reduction: "unknown",
  signedWeights: "unknown",
  losses: ALL_LOSSES,
  gradClipNorm: "unknown",
  referenceKl: false,
  deviations: [],
});

/** This toolkit's own server: the protocol to the letter. */
export const armatureProfile = (losses: readonly LossName[], referenceKl: boolean): ServerProfile => ({
  name: "armature",
  evidence: "announced",
  ordersByNumber: true,
  reduction: "sum",
  signedWeights: true,
  losses,
  gradClipNorm: true,
  referenceKl,
  deviations: [],
});

/**
 * SkyRL 0.3.0 with its JAX backend on the processor, measured by `npm run show -- interop-skyrl`. Given as `profile` it spares
 * the probe, which takes minutes there because every new shape is compiled.
 */
export const SKYRL_JAX: ServerProfile = {
  name: "skyrl-jax",
  evidence: "probed",
  reduction: "mean",
  signedWeights: false,
  losses: ALL_LOSSES,
  gradClipNorm: false,
  referenceKl: false,
  ordersByNumber: false,
  deviations: [
    "two equal datums move logprobs 1.00 times as far as one, a sum would 2 times",
    "the weight −1 moves logprobs -4.64 times as far as 1, it should −1 times",
    "grad_clip_norm has no effect",
    "a sampler's logprobs change by 0.11 when training goes on",
    "prompt logprobs lack the entry of the first token",
  ],
};

/**
 * Refuses a call that the server would compute wrongly, and says why; what is unknown is let through. Throws `TinkerError`
 * of kind `user`.
 */
export function refuseWrong(
  profile: ServerProfile,
  data: readonly Datum[],
  loss: Loss,
  requests: number,
): void {
  const refuse = (why: string) => {
    throw new TinkerError("user", `${profile.name} would compute this wrongly: ${why}`);
  };
  if (!profile.losses.includes(loss.name)) refuse(`it has no loss ${loss.name}`);
  if ((loss.config?.kl_beta ?? 0) !== 0 && !profile.referenceKl)
    refuse("it takes no kl_beta; fold the KL into the advantages or use another server");
  if (profile.signedWeights === false && loss.name === "cross_entropy" && data.some(hasNegativeWeight))
    refuse("it does not take negative weights literally, which losses of one's own need");
  if (profile.reduction === "mean" && requests > 1)
    refuse(`it averages inside a request, and this call takes ${requests} of them; send fewer datums a call`);
}

const hasNegativeWeight = ({ lossInputs }: Datum): boolean =>
  lossInputs.weights?.data.some((weight: number) => weight < 0) ?? false;

/**
 * A loss with its thresholds spelled out: servers differ in the defaults of `ppo` and `cispo`, so that what is not stated is
 * not computed the same everywhere.
 */
export function withStatedThresholds(loss: Loss): Loss {
  if (loss.name !== "ppo" && loss.name !== "cispo") return loss;
  return {
    ...loss,
    config: { clip_low_threshold: DEFAULT_CLIP.low, clip_high_threshold: DEFAULT_CLIP.high, ...loss.config },
  };
}
