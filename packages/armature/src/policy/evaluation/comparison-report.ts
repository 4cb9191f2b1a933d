import type { Interval } from "../../evaluation/bootstrap.ts";
import type { NumberFormat, Report, ReportTable } from "../../run/report.ts";
import { estimateText } from "../../run/report-number.ts";
import { runVersions } from "../../run/run-identity.ts";
import type { PolicyComparison, PolicyMeasures } from "./compare-policies.ts";
import { responsesEach } from "./policy-report.ts";

const MEASURES: readonly (readonly [keyof PolicyMeasures, string, NumberFormat])[] = [
  ["trueWinRate", "true win rate against base", "percent"],
  ["trueReward", "true reward of valid notes", "number"],
  ["validNotes", "valid notes", "percent"],
  ["rulesKept", "rules kept", "percent"],
  ["klToBase", "KL to base, nats", "number"],
  ["tokens", "tokens", "number"],
];

/** A comparison of policies as a page: one row a policy, and who beats whom. */
export function comparisonReport(comparison: PolicyComparison, prompts: number, samples: number): Report {
  return {
    title: "Policies compared",
    lead: `${comparison.policies.length} policies on the same ${prompts} held-out prompts, ${responsesEach(samples)}, with the same random numbers.`,
    summary: [],
    charts: [],
    tables: [measuresTable(comparison), ...duelTable(comparison)],
    examples: [],
    notes: [
      "Intervals are 95 % bootstrap intervals over prompts; responses of all seeds to a prompt are drawn together.",
      "Against base, a policy meets other responses of base than base itself is measured with.",
    ],
    facts: Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
  };
}

function measuresTable({ policies }: PolicyComparison): ReportTable {
  const shown = MEASURES.filter(([key]) => policies.some((policy) => policy[key] !== null));
  return {
    title: "Policies",
    columns: ["policy", "seeds", ...shown.map(([, label]) => label), "distinct responses"],
    rows: policies.map((policy) => [
      policy.name,
      String(policy.seeds),
      ...shown.map(([key, , format]) => intervalText(policy[key] as Interval | null, format)),
      `${(100 * policy.distinctResponses).toFixed(1)} %`,
    ]),
  };
}

function duelTable({ policies, duels }: PolicyComparison): ReportTable[] {
  if (duels.length === 0) return [];
  const names = policies.map(({ name }) => name);
  const found = (first: string, second: string) =>
    duels.find((duel) => duel.first === first && duel.second === second)?.winRate;
  return [
    {
      title: "True win rate of the row against the column",
      columns: ["", ...names],
      rows: names.map((row) => [
        row,
        ...names.map((column) => {
          const own = found(row, column);
          const other = found(column, row);
          return intervalText(own ?? (other === undefined ? null : turned(other)), "percent");
        }),
      ]),
      caption: "Equal responses count ½, so that both directions add up to 100 %.",
    },
  ];
}

function turned({ value, low, high, clusters }: Interval): Interval {
  return { value: 1 - value, low: 1 - high, high: 1 - low, clusters };
}

function intervalText(interval: Interval | null, format: NumberFormat): string {
  return interval === null ? "–" : estimateText(interval, format);
}
