import { TinkerError } from "./errors.ts";
import { type Loss, type LossInputs, REQUIRED_INPUTS } from "./loss.ts";
import { inputTokens, type ModelInput, type TokenIds, textInput } from "./model-input.ts";
import { floats, integers, tensorLength } from "./tensor-data.ts";

/** One training example: N input positions and, for each, what the loss needs. */
export interface Datum {
  readonly modelInput: ModelInput;
  readonly lossInputs: LossInputs;
}

/**
 * Datum for a prompt and its completion: inputs are all tokens but the last, targets all but the first, and
 * `perToken` values (one per completion token) stand at the positions that predict them, zeros elsewhere.
 */
export function completionDatum(
  prompt: TokenIds,
  completion: TokenIds,
  perToken: { readonly [key in Exclude<keyof LossInputs, "target_tokens">]?: ArrayLike<number> },
): Datum {
  if (prompt.length === 0) throw new TinkerError("user", "a datum needs a prompt of at least one token");
  const all = new Int32Array(prompt.length + completion.length);
  all.set(prompt);
  all.set(completion, prompt.length);
  const length = all.length - 1;
  const lossInputs: { [key: string]: unknown } = { target_tokens: integers(all.slice(1)) };
  for (const [key, values] of Object.entries(perToken)) {
    if (values === undefined) continue;
    if (values.length !== completion.length) {
      throw new TinkerError(
        "user",
        `${key} has ${values.length} values for ${completion.length} completion tokens`,
      );
    }
    const row = new Float32Array(length);
    row.set(values, prompt.length - 1);
    lossInputs[key] = floats(row);
  }
  return { modelInput: textInput(all.slice(0, length)), lossInputs: lossInputs as unknown as LossInputs };
}

/**
 * Refuses what a server would misread: missing inputs, tensors of another length, non-finite numbers.
 * Throws `TinkerError` of kind `user` that names the datum and the field.
 */
export function checkDatum(datum: Datum, loss: Loss, index: number): void {
  const length = inputTokens(datum.modelInput).length;
  if (length === 0) throw new TinkerError("user", `datum ${index}: model input is empty`);
  for (const key of REQUIRED_INPUTS[loss.name]) {
    if (datum.lossInputs[key] === undefined) {
      throw new TinkerError("user", `datum ${index}: loss ${loss.name} needs loss input ${key}`);
    }
  }
  if ((loss.config?.kl_beta ?? 0) !== 0 && datum.lossInputs.reference_logprobs === undefined) {
    throw new TinkerError("user", `datum ${index}: kl_beta needs loss input reference_logprobs`);
  }
  for (const [key, tensor] of Object.entries(datum.lossInputs)) {
    if (tensor === undefined) continue;
    if (tensorLength(tensor) !== length) {
      throw new TinkerError(
        "user",
        `datum ${index}: ${key} has ${tensorLength(tensor)} rows for ${length} input positions`,
      );
    }
    const { data } = tensor;
    for (let i = 0; i < data.length; i++)
      if (!Number.isFinite(data[i])) throw new TinkerError("user", `datum ${index}: ${key} holds ${data[i]}`);
  }
}
