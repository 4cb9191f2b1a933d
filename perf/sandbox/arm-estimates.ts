import type { BootstrapSettings } from "../../packages/armature/src/evaluation/bootstrap.ts";
import {
  evaluationAfter,
  promptMeans,
  type ResponseValue,
} from "../../packages/armature/src/policy/evaluation/evaluation-values.ts";
import { curveEstimates } from "../../packages/armature/src/policy/evaluation/over-optimisation.ts";
import type { Estimate } from "../../packages/armature/src/run/report.ts";

/** A number of the trained policies of some seeds, by seed and prompt. */
export function finalValues(runs: readonly string[], pick: ResponseValue): (number | null)[][] {
  return runs.map((run) => promptMeans(evaluationAfter(run), pick));
}

/** The mean over seeds and prompts with its 95 % interval over both. Throws where nothing was measured. */
export function meanOf(
  values: readonly (readonly (number | null)[])[],
  settings: BootstrapSettings,
): Required<Estimate> {
  const [estimate] = curveEstimates({ x: [0], values: values.map((ofSeed) => [ofSeed]) }, settings);
  if (estimate === undefined) throw new Error("nothing was measured");
  const { value, low, high } = estimate;
  return { value, low, high };
}

/** The same of a difference, seed by seed and prompt by prompt. */
export function differenceOf(
  one: readonly (readonly (number | null)[])[],
  other: readonly (readonly (number | null)[])[],
  settings: BootstrapSettings,
): Required<Estimate> {
  const differences = one.map((ofSeed, seed) =>
    ofSeed.map((value, prompt) => {
      const against = other[seed]![prompt] ?? null;
      return value === null || against === null ? null : value - against;
    }),
  );
  return meanOf(differences, settings);
}
