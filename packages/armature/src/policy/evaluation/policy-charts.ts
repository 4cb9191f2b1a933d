import type { LineChart, NumberFormat } from "../../run/report.ts";
import type { MetricsRecord } from "../../run/run-directory.ts";
import type { EvaluatedResponse, PolicyEvaluation } from "./policy-evaluation.ts";

type Series = LineChart["series"][number];

/** Curves of a run: how it trained, and what its evaluations measured. `before` gives the spread at the start. */
export function policyCharts(metrics: readonly MetricsRecord[], before: PolicyEvaluation): LineChart[] {
  const series = (kind: "evaluation" | "training", field: string, name: string) => ({
    name,
    points: metrics
      .filter((record) => (record["kind"] === "evaluation") === (kind === "evaluation"))
      .flatMap((record) =>
        typeof record[field] === "number" ? [{ x: record["step"] as number, value: record[field] }] : [],
      ),
  });
  const chart = (title: string, format: NumberFormat, lines: readonly Series[]): LineChart[] => {
    const drawn = lines.filter((line) => line.points.length > 0);
    return drawn.length === 0 ? [] : [{ title, xLabel: "step", format, series: drawn }];
  };
  return [
    ...chart("True win rate against the base policy", "percent", [
      series("evaluation", "trueWinRate", "win rate"),
    ]),
    ...chart(
      "Reward of the run and truth: change in standard deviations at the start",
      "number",
      standardisedChanges(metrics, before),
    ),
    ...chart("Reward on held-out prompts", "number", [
      series("evaluation", "reward", "reward of the run"),
      series("evaluation", "trueReward", "true reward"),
    ]),
    ...chart("Reward in training", "number", [series("training", "rewardMean", "reward")]),
    ...chart("Loss", "number", [series("training", "loss", "loss")]),
    ...chart("Implicit rewards in training", "number", [
      series("training", "chosenReward", "chosen"),
      series("training", "rejectedReward", "rejected"),
    ]),
    ...chart("Pairs that the implicit reward orders rightly", "percent", [
      series("training", "accuracy", "batch"),
      series("evaluation", "pairAccuracy", "held-out pairs"),
    ]),
    ...chart("KL to the base policy, nats a response", "number", [
      series("evaluation", "klToBase", "held-out prompts"),
    ]),
    ...chart("Length in tokens", "number", [series("evaluation", "tokens", "held-out prompts")]),
    ...chart("Distinct shares", "percent", [
      series("evaluation", "distinctResponses", "responses"),
      series("evaluation", "distinctBigrams", "bigrams"),
    ]),
  ];
}

/**
 * Reward and true win rate on one scale: (mean − mean at the start) / standard deviation over responses at the start. Where the
 * first goes up and the second down, the policy pleases the reward and nobody else. Empty where one of them has no spread.
 */
export function standardisedChanges(
  metrics: readonly MetricsRecord[],
  before: PolicyEvaluation,
): readonly Series[] {
  const evaluations = metrics.filter((record) => record["kind"] === "evaluation");
  const curve = (
    name: string,
    field: string,
    pick: (response: EvaluatedResponse) => number | null | undefined,
  ) => {
    const start = before.prompts
      .flatMap(({ responses }) => responses.map(pick))
      .filter((value) => value !== null && value !== undefined);
    const mean = start.reduce((sum, value) => sum + value, 0) / start.length;
    const deviation = Math.sqrt(start.reduce((sum, value) => sum + (value - mean) ** 2, 0) / start.length);
    const points = evaluations.flatMap(({ step, [field]: value }) =>
      typeof value === "number" && deviation > 0
        ? [{ x: step as number, value: (value - mean) / deviation }]
        : [],
    );
    return { name, points };
  };
  const curves = [
    curve("reward of the run", "reward", ({ reward }) => reward),
    curve("true win rate", "trueWinRate", ({ truth }) => truth?.winRate),
  ];
  return curves.every(({ points }) => points.length > 0) ? curves : [];
}
