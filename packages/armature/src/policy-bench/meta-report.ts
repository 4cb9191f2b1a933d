import type { Report, SummaryRow } from "../run/report.ts";
import { numberText } from "../run/report-number.ts";
import { runVersions } from "../run/run-identity.ts";
import type { MetaAgreement, MetaEvaluation } from "./meta-evaluation.ts";

/** A judge's agreement with physicians as a page. */
export function metaReport(result: MetaEvaluation): Report {
  const { judge, overall, categories, physicians, kappa, failed, skipped, seed } = result;
  const share = (value: number | null) => numberText(value ?? Number.NaN, "percent");
  const row = (name: string, one: MetaAgreement) => [
    ...[name, String(one.items), String(one.pairs)],
    ...[share(one.macroF1), share(one.f1Met), share(one.f1NotMet)],
  ];
  const lost = Object.entries(failed).map(([kind, count]) => `${count} ${kind}`);
  return {
    title: `Agreement with physicians: ${judge}`,
    lead: `${overall.items} criteria judged on a response, ${overall.pairs} pairs of a verdict and a physician's label. The interval is 95 % bootstrap over criteria.`,
    summary: summaryOf(result),
    charts: [],
    tables: [
      {
        title: "By category",
        columns: ["category", "criteria", "pairs", "macro F1", "F1 of met", "F1 of not met"],
        rows: [
          ...categories.map((one) => row(one.category, one)),
          row("all", overall),
          row("physicians among themselves", physicians),
        ],
      },
    ],
    examples: [],
    notes: [
      ...(kappa === null ? [] : [`Cohen's κ with the physicians' majority: ${numberText(kappa, "number")}.`]),
      ...(physicians.agreement === null
        ? []
        : [`Physicians agree with each other on ${share(physicians.agreement)} of their pairs.`]),
      lost.length === 0 ? "Every criterion was judged." : `Left out, without a verdict: ${lost.join(", ")}.`,
      ...(skipped > 0 ? [`Rows that could not be read: ${skipped}.`] : []),
    ],
    facts: [
      { label: "judge", value: judge },
      { label: "seed", value: String(seed) },
      ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
    ],
  };
}

function summaryOf({ overall, physicians }: MetaEvaluation): readonly SummaryRow[] {
  const { interval } = overall;
  return [
    ...(interval === null
      ? []
      : [
          {
            ...{ name: "macro-f1", label: "macro F1 with physicians", format: "percent" as const },
            after: { value: interval.value, low: interval.low, high: interval.high },
          },
        ]),
    ...(physicians.macroF1 === null
      ? []
      : [
          {
            ...{ name: "physicians", label: "physicians among themselves", format: "percent" as const },
            after: { value: physicians.macroF1 },
          },
        ]),
  ];
}
