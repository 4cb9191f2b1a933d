import type { BootstrapSettings } from "../../packages/armature/src/evaluation/bootstrap.ts";
import {
  type MeasuredPolicy,
  trueWins,
} from "../../packages/armature/src/policy/evaluation/compare-policies.ts";
import {
  promptMeans,
  RESPONSE_VALUES,
  type ResponseValue,
} from "../../packages/armature/src/policy/evaluation/evaluation-values.ts";
import { changeText, estimateText } from "../../packages/armature/src/run/report-number.ts";
import { differenceOf, meanOf } from "../../perf/sandbox/arm-estimates.ts";
import { PLAIN } from "./arms.ts";

const SETTINGS: BootstrapSettings = { seed: 0, resamples: 2000 };

const COLUMNS = [
  ...["", "seeds", "true win rate against the start", "against plain, points", "directly against plain"],
  ...["by seed", "notes", "rules kept", "KL, nats", "processor seconds a run"],
];

/** The table of all tools, with intervals over seeds and prompts. The start is the first that was measured. */
export function toolsMarkdown(
  measured: readonly MeasuredPolicy[],
  seconds: ReadonlyMap<string, readonly (number | null)[]>,
): string {
  const plain = measured.find(({ name }) => name === PLAIN);
  const rows = measured.map((policy) => {
    const mean = (pick: ResponseValue) => meanOf(valuesOf(policy, pick), SETTINGS);
    const compared = plain !== undefined && policy !== plain && policy !== measured[0];
    const duels = compared ? duelsOf(policy, plain) : null;
    const { winRate } = RESPONSE_VALUES;
    return [
      policy.name,
      policy.evaluations.length,
      estimateText(mean(winRate), "percent"),
      compared
        ? changeText(differenceOf(valuesOf(policy, winRate), valuesOf(plain, winRate), SETTINGS), "percent")
        : "",
      duels === null ? "" : estimateText(meanOf(duels, SETTINGS), "percent"),
      duels === null ? "" : duels.map((ofSeed) => percent(average(ofSeed))).join(", "),
      estimateText(mean(RESPONSE_VALUES.validNotes), "percent"),
      estimateText(mean(RESPONSE_VALUES.rulesKept), "percent"),
      estimateText(mean(RESPONSE_VALUES.kl), "number"),
      secondsText(seconds.get(policy.name) ?? []),
    ];
  });
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(COLUMNS), line(COLUMNS.map(() => "---")), ...rows.map(line), ""].join("\n");
}

function valuesOf({ evaluations }: MeasuredPolicy, pick: ResponseValue): (number | null)[][] {
  return evaluations.map((evaluation) => promptMeans(evaluation, pick));
}

/** How often the one truly beats the other, by seed and prompt; equal seeds meet. */
function duelsOf(one: MeasuredPolicy, other: MeasuredPolicy): number[][] {
  return one.evaluations.map((evaluation, seed) =>
    trueWins(evaluation, other.evaluations[seed]!).map(average),
  );
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function secondsText(seconds: readonly (number | null)[]): string {
  const known = seconds.filter((value) => value !== null);
  return known.length === 0 ? "" : average(known).toFixed(0);
}
