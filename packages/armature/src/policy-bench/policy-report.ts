import type { Report, ReportTable, SummaryRow } from "../run/report.ts";
import { estimateText, numberText } from "../run/report-number.ts";
import { runVersions } from "../run/run-identity.ts";
import type { MeasuredValue, PolicyResult, PolicyRow } from "./policy-result.ts";
import type { PolicySuite } from "./policy-suite.ts";

/** A result as a page. */
export function policyReport(suite: PolicySuite, result: PolicyResult): Report {
  const { questions, runs, judge, responses } = result;
  return {
    title: `${suite.title}: ${result.policy}`,
    lead: `${questions} questions${runs > 1 ? ` in ${runs} runs` : ""}, ${responses.graded} graded responses. Intervals are 95 % bootstrap over questions. ${gradedBy(suite, judge)}`,
    summary: result.measures.flatMap((measured) => summaryRow(suite, measured)),
    charts: [],
    tables: [...groupTables(suite, result), ...rowTables(suite, result)],
    examples: [],
    notes: notesOf(result),
    facts: [
      { label: "policy", value: result.policy },
      ...(judge === null ? [] : [{ label: "judge", value: judge }]),
      { label: "files", value: result.files.join(", ") },
      { label: "seed", value: String(result.seed) },
      { label: "seconds", value: numberText(result.seconds, "number") },
      ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
    ],
  };
}

function gradedBy(suite: PolicySuite, judge: string | null): string {
  if (judge !== null) return `Judged by ${judge}.`;
  return suite.judge === undefined ? "Graded by program." : "Graded by the verdicts that the file holds.";
}

const formatOf = (suite: PolicySuite, name: string) =>
  suite.measures.find((measure) => measure.name === name)!.format;

function summaryRow(suite: PolicySuite, { measure, label, value }: MeasuredValue): SummaryRow[] {
  if (value === null) return [];
  const { value: mean, low, high } = value;
  return [{ name: measure, label, format: formatOf(suite, measure), after: { value: mean, low, high } }];
}

/** One table a measure that has groups; of strict and loose readings both. */
function groupTables(suite: PolicySuite, { groups }: PolicyResult): readonly ReportTable[] {
  return suite.measures.flatMap(({ name, label, format }) => {
    const rows = groups
      .filter(({ measure, value }) => measure === name && value !== null)
      .map(({ group, count, value }) => [group, String(count), estimateText(value!, format)]);
    return rows.length < 2 ? [] : [{ title: `By group: ${label}`, columns: ["group", "n", "value"], rows }];
  });
}

const SHOWN = 15;

/** Questions with the lowest values of the first measure, and those without any. */
function rowTables(suite: PolicySuite, { rows }: PolicyResult): readonly ReportTable[] {
  const [first] = suite.measures;
  const worthOf = ({ values }: PolicyRow) => values[first!.name];
  const shown = (prompt: string | null) =>
    prompt === null ? [] : [prompt.replace(/\s+/g, " ").trim().slice(0, 90)];
  const cells = (row: PolicyRow) => [row.id, ...shown(row.prompt), row.note];
  const graded = rows.filter((row) => worthOf(row) !== undefined);
  const best = first!.format === "percent" ? 1 : Math.max(...graded.map((row) => worthOf(row)!));
  const worst = [...graded].sort((a, b) => worthOf(a)! - worthOf(b)!).filter((row) => worthOf(row)! < best);
  const without = rows.filter(({ status }) => status === "failed" || status === "unmeasured");
  const table = (title: string, own: readonly PolicyRow[]): readonly ReportTable[] =>
    own.length === 0
      ? []
      : [
          {
            title,
            columns: ["question", ...(suite.unquoted === true ? [] : ["prompt"]), "found"],
            rows: own.slice(0, SHOWN).map(cells),
            ...(own.length > SHOWN && { caption: `${SHOWN} of ${own.length}; all stand in result.json.` }),
          },
        ];
  return [...table("Lowest values", worst), ...table("Without a value", without)];
}

function notesOf({ responses, unreadable, failedVerdicts, skipped, rows }: PolicyResult): readonly string[] {
  const counted = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(", ");
  const { missing, failed, unmeasured, cutOff, meanLength } = responses;
  const lost = rows.filter(({ status }) => status !== "graded").length;
  return [
    lost === 0
      ? `Every one of ${rows.length} responses was graded.`
      : `Left out of every number: ${lost} of ${rows.length}.`,
    ...(missing > 0 ? [`Without a response in the file: ${missing}.`] : []),
    ...(Object.keys(failed).length > 0 ? [`The policy gave no response: ${counted(failed)}.`] : []),
    ...(unmeasured > 0 ? [`With a response of which nothing could be measured: ${unmeasured}.`] : []),
    ...(Object.keys(unreadable).length > 0
      ? [`No answer could be read, graded as wrong: ${counted(unreadable)}.`]
      : []),
    ...(Object.keys(failedVerdicts).length > 0
      ? [`Verdicts that are missing, their criteria left out: ${counted(failedVerdicts)}.`]
      : []),
    ...(cutOff > 0 ? [`Stopped at the length limit: ${cutOff}.`] : []),
    ...(meanLength === null
      ? []
      : [`Mean length of a response: ${numberText(meanLength, "number")} characters.`]),
    ...(skipped > 0 ? [`Rows of the suite's files left out: ${skipped}.`] : []),
  ];
}
