import type { Datum } from "./datum.ts";
import { TinkerError } from "./errors.ts";
import { floats } from "./tensor-data.ts";
import type { CustomLoss } from "./training-model.ts";

/**
 * The cross-entropy datums whose gradient is that of a custom loss C, given the logprobs p of a forward pass: weights −dC/dp,
 * since cross-entropy is Σ −w·p and so gives Σ (dC/dp)·∇p. Throws `TinkerError` of kind `user` where the gradients do not
 * fit the datums.
 */
export function customLossDatums(
  data: readonly Datum[],
  { gradients }: ReturnType<CustomLoss>,
): readonly Datum[] {
  if (gradients.length !== data.length)
    throw new TinkerError("user", `the loss gives ${gradients.length} gradients for ${data.length} datums`);
  return data.map((datum, i) => {
    const expected = datum.lossInputs.target_tokens.data.length;
    if (gradients[i]!.length !== expected)
      throw new TinkerError(
        "user",
        `datum ${i}: the loss gives ${gradients[i]!.length} gradients for ${expected} positions`,
      );
    return {
      modelInput: datum.modelInput,
      lossInputs: {
        target_tokens: datum.lossInputs.target_tokens,
        weights: floats(gradients[i]!.map((gradient) => -gradient)),
      },
    };
  });
}
