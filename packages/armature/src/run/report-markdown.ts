import type { LineChart, Report, ReportExample, ReportTable, Verdict } from "./report.ts";
import { changeText, estimateText, numberText } from "./report-number.ts";

/** The report for terminals and code hosts: the same content, each curve as its first, last, lowest and highest value. */
export function reportMarkdown(report: Report): string {
  const blocks = [
    `# ${inline(report.title)}`,
    inline(report.lead),
    ...section("Results", [summaryTable(report)]),
    ...section("What to keep in mind", [report.notes.map((note) => `- ${inline(note)}`).join("\n")]),
    ...section("Curves", report.charts.map(curveTable)),
    ...report.tables.flatMap((table) => section(table.title, [tableMarkdown(table)])),
    ...section("Examples", report.examples.map(exampleMarkdown)),
    ...section("This run", [
      report.facts.map(({ label, value }) => `- ${inline(label)}: ${inline(value)}`).join("\n"),
    ]),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function section(title: string, blocks: readonly string[]): string[] {
  const filled = blocks.filter((block) => block !== "");
  return filled.length === 0 ? [] : [`## ${inline(title)}`, ...filled];
}

function summaryTable({ summary }: Report): string {
  const rows = summary.map(({ label, format, before, after, change, note }) => [
    label + (note ? ` (${note})` : ""),
    before ? estimateText(before, format) : "",
    estimateText(after, format),
    change ? changeText(change, format) : "",
  ]);
  if (summary.length === 0) return "";
  // Measured once, not before and after something.
  if (summary.every(({ before, change }) => !before && !change))
    return table(
      ["", "value"],
      rows.map(([label = "", , value = ""]) => [label, value]),
    );
  return table(["", "before", "after", "change"], rows);
}

function curveTable(chart: LineChart): string {
  const rows = chart.series.map(({ name, points }) => {
    const values = points.map((point) => point.value).filter(Number.isFinite);
    const shown = values.length === 0 ? [] : [values[0]!, values.at(-1)!, lowest(values), highest(values)];
    return [name, ...shown.map((value) => numberText(value, chart.format))];
  });
  const heading = `### ${inline(chart.title)}`;
  const caption = chart.caption ? [inline(chart.caption)] : [];
  return [heading, table(["", "first", "last", "lowest", "highest"], rows), ...caption].join("\n\n");
}

function tableMarkdown({ columns, rows, caption }: ReportTable): string {
  const text = rows.map((row) =>
    row.map((cell) => (typeof cell === "number" ? numberText(cell, "number") : cell)),
  );
  return [table(columns, text), ...(caption ? [inline(caption)] : [])].join("\n\n");
}

function exampleMarkdown(example: ReportExample): string {
  const response = (side: "A" | "B", text: string) =>
    `Response ${side}${example.preferred === side ? " (preferred)" : ""}:\n\n${fence(text)}`;
  return [
    `### ${inline(example.title)}`,
    `Prompt:\n\n${fence(example.prompt)}`,
    response("A", example.responseA),
    response("B", example.responseB),
    verdictMarkdown("Before training", example.before, example.preferred),
    verdictMarkdown("After training", example.after, example.preferred),
  ].join("\n\n");
}

function verdictMarkdown(title: string, verdict: Verdict, preferred: "A" | "B"): string {
  const outcome =
    verdict.winner === null ? "no readable winner" : verdict.winner === preferred ? "right" : "wrong";
  return `${title}, ${outcome}:\n\n${fence(verdict.rubric)}\n\n${fence(verdict.judgement)}`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${columns.map((_, i) => inline(cells[i] ?? "")).join(" | ")} |`;
  return [line(columns), `|${columns.map(() => " --- |").join("")}`, ...rows.map(line)].join("\n");
}

/** One line in which nothing of the text acts as Markdown or HTML. */
function inline(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replace(/[\\`*_[\]<>|#]/g, "\\$&");
}

/** A code block with a fence longer than any run of backticks in the text. */
function fence(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const marks = "`".repeat(longest + 1);
  return `${marks}text\n${text}\n${marks}`;
}

const lowest = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b));
const highest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b));
