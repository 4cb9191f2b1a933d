import type { NumberFormat, Report, ReportTable } from "../run/report.ts";
import { numberText } from "../run/report-number.ts";
import { runVersions } from "../run/run-identity.ts";
import type { DifferingQuestion, PolicyComparison } from "./compare-policies.ts";
import { POLICY_SUITES } from "./policy-suites.ts";

const SHOWN = 10;

/** A comparison as a page. */
export function comparisonReport(comparison: PolicyComparison): Report {
  const { first, second, measures, onlyFirst, onlySecond, differing, seed } = comparison;
  const suite = POLICY_SUITES.get(comparison.suite);
  const formatOf = (measure: string): NumberFormat =>
    suite?.measures.find(({ name }) => name === measure)?.format ?? "number";
  const [main] = measures;
  const [gained, lost] = [
    differing.filter((one) => one.second > one.first),
    differing.filter((one) => one.second < one.first).reverse(),
  ];
  return {
    title: `${suite?.title ?? comparison.suite}: ${first} and ${second}`,
    lead: `Before is ${first}, after is ${second}, on the questions that both have a value of. Intervals are 95 % bootstrap over questions, paired.`,
    summary: measures.map(({ measure, label, first: before, second: after, difference, pValue }) => ({
      ...{
        name: measure,
        label,
        format: formatOf(measure),
        before: { value: before },
        after: { value: after },
      },
      change: { value: difference.value, low: difference.low, high: difference.high },
      note: `p = ${numberText(pValue, "number")}`,
    })),
    charts: [],
    tables: [
      ...questionTable("Gained", gained, formatOf(main!.measure)),
      ...questionTable("Lost", lost, formatOf(main!.measure)),
    ],
    examples: [],
    notes: [
      `${main!.questions} questions have a value of both; ${differing.length} differ by ${main!.label}.`,
      ...(onlyFirst + onlySecond > 0
        ? [`With a value of one policy only, in no number: ${onlyFirst} and ${onlySecond}.`]
        : []),
      "A question counts once, with the mean of its runs and instructions.",
    ],
    facts: [
      { label: "seed", value: String(seed) },
      ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
    ],
  };
}

function questionTable(
  title: string,
  questions: readonly DifferingQuestion[],
  format: NumberFormat,
): readonly ReportTable[] {
  if (questions.length === 0) return [];
  const quoted = questions.some(({ prompt }) => prompt !== null);
  return [
    {
      title,
      columns: ["question", ...(quoted ? ["prompt"] : []), "before", "after"],
      rows: questions
        .slice(0, SHOWN)
        .map(({ question, prompt, first, second }) => [
          question,
          ...(quoted ? [(prompt ?? "").replace(/\s+/g, " ").trim().slice(0, 90)] : []),
          numberText(first, format),
          numberText(second, format),
        ]),
      ...(questions.length > SHOWN && {
        caption: `${SHOWN} of ${questions.length}; all stand in result.json.`,
      }),
    },
  ];
}
