import type { Report, ReportTable } from "../run/report.ts";
import { changeText, numberText } from "../run/report-number.ts";
import { runVersions } from "../run/run-identity.ts";
import type { BenchComparison, Disagreement } from "./compare-results.ts";

/** Disagreements that a page shows of each side, and of their prompts. */
const SHOWN = 10;
const EXCERPT = 90;

/** A comparison as a page. */
export function compareReport(comparison: BenchComparison, seed: number): Report {
  const { first, second, average, difference, p, mcNemar, common, onlyOne, disagreements } = comparison;
  return {
    title: `${comparison.suite}: ${first} and ${second}`,
    lead: `${common} rows that both measured, compared item by item; differences are ${second} less ${first}, with 95 % paired bootstrap intervals.`,
    summary: [
      ...(average === null
        ? []
        : [
            {
              name: "average",
              label: "the suite's average",
              format: "percent" as const,
              before: { value: average.first },
              after: { value: average.second },
              change: { value: average.difference },
            },
          ]),
      {
        name: "difference",
        label: "mean difference of a row",
        format: "percent",
        after: { value: difference.value, low: difference.low, high: difference.high },
        note: `paired bootstrap p = ${numberText(p, "number")}${mcNemar === null ? "" : `, exact McNemar p = ${numberText(mcNemar.p, "number")} (${mcNemar.firstOnly} right by the first alone, ${mcNemar.secondOnly} by the second alone)`}`,
      },
    ],
    charts: [],
    tables: [
      groupTable(comparison),
      disagreementTable(disagreements, "first", first),
      disagreementTable(disagreements, "second", second),
    ],
    examples: [],
    notes: onlyOne > 0 ? [`${onlyOne} rows were measured by one of the two only and are left out.`] : [],
    facts: [
      { label: "seed", value: String(seed) },
      ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
    ],
  };
}

function groupTable({ groups, first, second }: BenchComparison): ReportTable {
  return {
    title: "By group",
    columns: ["group", "n", first, second, "difference", "p", "p, Holm"],
    rows: groups.map((group) => [
      group.name,
      String(group.count),
      numberText(group.first, "percent"),
      numberText(group.second, "percent"),
      changeText(group.difference, "percent"),
      group.p,
      group.adjusted,
    ]),
  };
}

function disagreementTable(
  all: readonly Disagreement[],
  side: "first" | "second",
  scorer: string,
): ReportTable {
  const own = all.filter(({ right }) => right === side);
  return {
    title: `Right by ${scorer} alone: ${own.length}`,
    columns: ["group", "where", "prompt"],
    rows: own
      .slice(0, SHOWN)
      .map(({ group, source, prompt }) => [
        group,
        source,
        prompt.length > EXCERPT ? `${prompt.slice(0, EXCERPT)} …` : prompt,
      ]),
    ...(own.length > SHOWN && { caption: `The first ${SHOWN}; result.json holds all.` }),
  };
}
