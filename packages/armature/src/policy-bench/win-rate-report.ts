import type { Interval } from "../evaluation/bootstrap.ts";
import type { Report, SummaryRow } from "../run/report.ts";
import { numberText } from "../run/report-number.ts";
import { runVersions } from "../run/run-identity.ts";
import type { PolicyWinRate } from "./win-rate.ts";

/** Beyond this share of prompts with the longer response, equal lengths were hardly seen. */
const ONE_SIDED = 0.9;

/** A win rate as a page. */
export function winRateReport(result: PolicyWinRate): Report {
  const { first, second, prompts, judged, winRate, judge, seed } = result;
  return {
    title: `${first} against ${second}`,
    lead: `${prompts} prompts that both answered, ${judged} of them with a preference. Intervals are 95 % bootstrap over prompts.`,
    summary: winRate === null ? [] : summaryOf(result, winRate),
    charts: [],
    tables: [],
    examples: [],
    notes: notesOf(result),
    facts: [
      { label: "judge", value: judge },
      { label: "seed", value: String(seed) },
      ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
    ],
  };
}

function summaryOf(
  { orderAgreement, firstShownWins }: PolicyWinRate,
  { raw, controlled, coefficients }: NonNullable<PolicyWinRate["winRate"]>,
): readonly SummaryRow[] {
  const share = (name: string, label: string, value: number | null): readonly SummaryRow[] =>
    value === null ? [] : [{ name, label, format: "percent", after: { value } }];
  const interval = (name: string, label: string, { value, low, high }: Interval): SummaryRow => ({
    ...{ name, label, format: "percent", after: { value, low, high } },
  });
  return [
    interval("win-rate", "win rate of the first", raw),
    {
      ...interval("length-controlled", "win rate at equal lengths", controlled),
      note: `length coefficient ${numberText(coefficients.length, "number")}`,
    },
    ...share("order-agreement", "prompts where both orders agree", orderAgreement),
    ...share("first-shown-wins", "verdicts for the response shown first", firstShownWins),
  ];
}

function notesOf({ prompts, judged, identical, failed, longer, meanLengths }: PolicyWinRate): string[] {
  const lost = Object.entries(failed).map(([kind, count]) => `${count} ${kind}`);
  const [first, second] = meanLengths.map((length) => numberText(length, "number"));
  return [
    `Mean length: ${first} characters of the first, ${second} of the second.`,
    ...(identical > 0 ? [`Equal responses, counted as draws without a judge: ${identical}.`] : []),
    ...(judged < prompts ? [`Prompts without a preference, left out: ${prompts - judged}.`] : []),
    ...(lost.length > 0 ? [`Judgements without a winner: ${lost.join(", ")}.`] : []),
    ...(longer !== null && (longer > ONE_SIDED || longer < 1 - ONE_SIDED)
      ? [
          `The first's response is longer for ${numberText(longer, "percent")} of the prompts: the win rate at equal lengths reaches beyond what was seen. Take it with care.`,
        ]
      : []),
  ];
}
