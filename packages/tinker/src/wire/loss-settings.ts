import { TinkerError } from "../errors.ts";
import { type KlEstimator, type Loss, type LossName, REQUIRED_INPUTS } from "../loss.ts";

const NUMBERS = ["clip_low_threshold", "clip_high_threshold", "kl_beta"] as const;
const ESTIMATORS: readonly KlEstimator[] = ["k1", "k2", "k3"];

/** A loss as requests name it. Throws `TinkerError` of kind `user` for one, or for a setting, that is not known here. */
export function readLoss(name: string, config: Readonly<Record<string, number | string>> = {}): Loss {
  if (!Object.hasOwn(REQUIRED_INPUTS, name))
    throw new TinkerError(
      "user",
      `loss ${name} is not supported; use one of ${Object.keys(REQUIRED_INPUTS).join(", ")}`,
    );
  for (const [key, value] of Object.entries(config)) {
    const known = (NUMBERS as readonly string[]).includes(key) || key === "kl_estimator";
    if (!known) throw new TinkerError("user", `loss ${name} has no setting ${key}`);
    const fits =
      key === "kl_estimator" ? (ESTIMATORS as readonly unknown[]).includes(value) : Number.isFinite(value);
    if (!fits) throw new TinkerError("user", `loss ${name}: ${key} cannot be ${value}`);
  }
  const hasConfig = Object.keys(config).length > 0;
  return { name: name as LossName, ...(hasConfig && { config: config as Loss["config"] }) };
}

/** The settings of a loss as requests carry them. */
export function lossConfig({ config }: Loss): Readonly<Record<string, number | string>> | undefined {
  const entries = Object.entries(config ?? {}).filter((entry) => entry[1] !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as Record<string, number | string>) : undefined;
}
