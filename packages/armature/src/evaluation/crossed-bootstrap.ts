import { SeededStream } from "@armature/engine";
import { ConfigError } from "../errors.ts";
import { type BootstrapSettings, quantile } from "./bootstrap.ts";

/**
 * Percentile interval of any statistic of values that vary with several factors at once: every seed meets every prompt, so
 * neither seeds nor prompts alone are independent draws. Each resample draws the levels of every factor anew, as often as it
 * has levels (the pigeonhole bootstrap, Owen 2007, which errs on the wide side). `statistic` gets, for each factor, how often
 * each level was drawn. Resamples whose statistic is NaN are left out; null where all are.
 */
export function crossedBootstrap(
  levels: readonly number[],
  statistic: (draws: readonly Float64Array[]) => number,
  { seed, level = 0.95, resamples = 1000 }: BootstrapSettings,
): { readonly low: number; readonly high: number } | null {
  const empty = levels.findIndex((count) => !(Number.isInteger(count) && count > 0));
  if (empty >= 0) throw new ConfigError(`factor ${empty + 1} has ${levels[empty]} levels; give at least 1`);
  if (!Number.isInteger(resamples) || resamples < 1)
    throw new ConfigError(`resamples is ${resamples}; give a whole number of at least 1`);
  const stream = new SeededStream(seed, "crossed bootstrap");
  const draws = levels.map((count) => new Float64Array(count));
  const values = Array.from({ length: resamples }, () => {
    for (const counts of draws) {
      counts.fill(0);
      for (let i = 0; i < counts.length; i++) counts[stream.below(counts.length)]!++;
    }
    return statistic(draws);
  }).filter((value) => !Number.isNaN(value));
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const tail = (1 - level) / 2;
  return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
}
