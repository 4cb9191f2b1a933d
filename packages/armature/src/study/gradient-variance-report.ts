import type { Report } from "../run/report.ts";
import { estimateText, numberText } from "../run/report-number.ts";
import { runVersions } from "../run/run-identity.ts";
import type { EstimatorVariance, GradientVariance } from "./gradient-variance.ts";

/** A measurement on real models as a page. */
export function gradientVarianceReport(
  measured: GradientVariance,
  { models, seed }: { readonly models: string; readonly seed: number },
): Report {
  const { judgeFrozen, judgeFresh, generator } = measured;
  const row = (name: string, { variance, signal }: EstimatorVariance) => [
    name,
    estimateText(variance, "number"),
    estimateText(signal, "number"),
    numberText(signal.value > 0 ? variance.value / signal.value : Number.NaN, "number"),
  ];
  return {
    title: "Gradient variance of two models",
    lead: `The estimators of Rubric-ARM's section 5 (arXiv 2602.01511), measured on ${measured.pairs} pairs with ${measured.draws} draws each: plain REINFORCE, no baseline, temperature 1.`,
    summary: [
      {
        name: "generator-over-judge",
        label: "generator's variance / judge's with its rubric frozen",
        format: "number",
        after: { value: generator.variance.value / judgeFrozen.variance.value },
        note: `the generator's is larger at ${measured.generatorLarger} of ${measured.pairs} pairs; the theorem's claim is a value above 1`,
      },
      {
        name: "fresh-over-frozen",
        label: "judge's variance with a fresh rubric each / frozen",
        format: "number",
        after: { value: judgeFresh.variance.value / judgeFrozen.variance.value },
        note: "what simultaneous updates add, or take away, a judgement",
      },
      {
        name: "correct",
        label: "judgements that name the chosen response",
        format: "percent",
        after: { value: measured.correct },
        note: `${numberText(measured.unreadable, "percent")} name none and earn 0`,
      },
    ],
    charts: [],
    tables: [
      {
        title: "Variance and signal",
        columns: ["estimator", "Var", "‖E g‖²", "Var / ‖E g‖²"],
        rows: [
          row("judge, frozen rubric", judgeFrozen),
          row("judge, a fresh rubric each", judgeFresh),
          row("generator", generator),
        ],
        caption:
          "Means over pairs with 95 % intervals; the last column is n/a where the noise hides the signal.",
      },
    ],
    examples: [],
    notes: [
      "The two players' gradients live in different parameters: their ratio compares models, not only estimators.",
      "Given one frozen rubric the judge's gradient aims at that rubric's own objective, whose mean over rubrics is the full one.",
    ],
    facts: [
      { label: "models", value: models },
      { label: "seed", value: String(seed) },
      ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
    ],
  };
}
