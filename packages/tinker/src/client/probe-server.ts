import { completionDatum, type Datum } from "../datum.ts";
import { TinkerError } from "../errors.ts";
import {
  calibratedScale,
  changeOfLogprobs,
  linearAdam,
  multipleOf,
  sizeOf,
  weightedBy,
} from "../linear-step.ts";
import type { LossName } from "../loss.ts";
import type { TrainingModel } from "../training-model.ts";
import { ALL_LOSSES, type ServerProfile } from "./server-profile.ts";

const PROMPT = [1, 2];
const COMPLETION = [3, 4];
const SCORED = completionDatum(PROMPT, COMPLETION, {
  weights: [1, 1],
  logprobs: [-1, -1],
  advantages: [1, 1],
});

/**
 * Finds out how a server computes by steps whose results are known: whether gradients add up, whether weights of any sign count
 * as they are, which losses there are, whether the gradient is clipped. Each step takes a new model and gives it back; only
 * ratios of changes are compared, so that nothing of the server's model need be known.
 */
export async function probeServer(
  open: () => Promise<TrainingModel>,
  known: Pick<ServerProfile, "name" | "referenceKl" | "ordersByNumber">,
): Promise<ServerProfile> {
  const datum: Datum = completionDatum(PROMPT, COMPLETION, { weights: [1, 1] });
  const scale = await calibratedScale(open, datum);
  const change = (data: readonly Datum[], grad_clip_norm = 0) =>
    changeOfLogprobs(open, datum, [{ data }], linearAdam(scale, { grad_clip_norm }));
  const one = await change([datum]);
  const ratio = multipleOf(await change([datum, datum]), one).factor;
  const reduction = near(ratio, 2) ? "sum" : near(ratio, 1) ? "mean" : "unknown";
  const opposite = multipleOf(await change([weightedBy(datum, -1)]), one).factor;
  const signedWeights = near(opposite, -1);
  const gradClipNorm = sizeOf(await change([datum], 1e-6)) < sizeOf(one) / 2;
  const losses = await offeredLosses(open);
  const deviations = [
    ...(reduction === "sum"
      ? []
      : [`two equal datums move logprobs ${ratio.toFixed(2)} times as far as one, a sum would 2 times`]),
    ...(signedWeights
      ? []
      : [`the weight −1 moves logprobs ${opposite.toFixed(2)} times as far as 1, it should −1 times`]),
    ...(gradClipNorm ? [] : ["grad_clip_norm has no effect"]),
    ...ALL_LOSSES.filter((loss) => !losses.includes(loss)).map((loss) => `loss ${loss} is missing`),
  ];
  return { ...known, evidence: "probed", reduction, signedWeights, losses, gradClipNorm, deviations };
}

async function offeredLosses(open: () => Promise<TrainingModel>): Promise<readonly LossName[]> {
  const { target_tokens, weights, logprobs, advantages } = SCORED.lossInputs;
  const offered: LossName[] = [];
  for (const name of ALL_LOSSES) {
    const inputs =
      name === "cross_entropy" ? { target_tokens, weights } : { target_tokens, logprobs, advantages };
    // A new model each: on some servers a failed request ends the model.
    const model = await open();
    try {
      await model.forwardBackward(
        [{ modelInput: SCORED.modelInput, lossInputs: inputs as Datum["lossInputs"] }],
        {
          name,
        },
      ).result;
      offered.push(name);
    } catch (error) {
      if (!TinkerError.isInstance(error) || error.kind === "connection" || error.kind === "cancelled")
        throw error;
    } finally {
      await model.dispose();
    }
  }
  return offered;
}

const near = (value: number, expected: number): boolean => Math.abs(value / expected - 1) < 0.1;
