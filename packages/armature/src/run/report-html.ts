import { escapeHtml } from "./escape-html.ts";
import { lineChartSvg } from "./line-chart-svg.ts";
import type { LineChart, Report, ReportExample, ReportTable, SummaryRow, Verdict } from "./report.ts";
import { changeText, estimateText, numberText } from "./report-number.ts";
import { REPORT_STYLE } from "./report-style.ts";

/** The report as one file that needs nothing else: no scripts, fonts or requests. Every text is escaped. */
export function reportHtml(report: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(report.title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<header>
<h1>${escapeHtml(report.title)}</h1>
<p class="lead">${escapeHtml(report.lead)}</p>
</header>
${section("Results", grid(3, report.summary.map(summaryCard)))}
${section("What to keep in mind", notes(report.notes))}
${section("Curves", grid(2, report.charts.map(chartFigure)))}
${report.tables.map((table) => section(table.title, tableHtml(table))).join("\n")}
${section("Examples", report.examples.map(exampleHtml).join("\n"))}
${section("This run", facts(report.facts))}
</body>
</html>
`;
}

/** Nothing at all where there is nothing to show. */
const section = (title: string, body: string): string =>
  body === "" ? "" : `<section>\n<h2>${escapeHtml(title)}</h2>\n${body}\n</section>`;

const grid = (columns: 2 | 3, items: readonly string[]): string =>
  items.length === 0 ? "" : `<div class="grid-${columns}">\n${items.join("\n")}\n</div>`;

function summaryCard(row: SummaryRow): string {
  const { before, after, change, format, note } = row;
  return `<div class="card">
<div class="label">${escapeHtml(row.label)}</div>
<div class="value">${numberText(after.value, format)}</div>
${change ? `<div class="change">${changeText(change, format)}</div>` : ""}
<p class="muted">${[...(before ? [`before ${estimateText(before, format)}`] : []), ...(after.low === undefined ? [] : [`${before ? "after " : ""}${estimateText(after, format)}`])].join("<br>")}</p>
${note ? `<p class="muted">${escapeHtml(note)}</p>` : ""}
</div>`;
}

function chartFigure(chart: LineChart): string {
  const legend = chart.series.flatMap(({ name, points }, i) => {
    const last = points.findLast((point) => Number.isFinite(point.value));
    if (!last) return [];
    return `<li><svg class="series-${i % 6}" viewBox="0 0 26 8" aria-hidden="true"><line class="line" x1="1" x2="25" y1="4" y2="4"/></svg>${escapeHtml(name)} ${numberText(last.value, chart.format)}</li>`;
  });
  return `<figure>
<h3>${escapeHtml(chart.title)}</h3>
${lineChartSvg(chart)}
<ul class="legend">${legend.join("")}</ul>
${chart.caption ? `<figcaption>${escapeHtml(chart.caption)}</figcaption>` : ""}
</figure>`;
}

/** Cells longer than this are sentences, and their column is set as text. */
const PROSE_LENGTH = 40;

function tableHtml(table: ReportTable): string {
  const classes = table.columns.map((_, i) =>
    table.rows.some((row) => typeof row[i] === "string" && row[i].length > PROSE_LENGTH)
      ? ' class="prose"'
      : "",
  );
  const cell = (value: string | number, i: number) =>
    `<td${classes[i]}>${escapeHtml(typeof value === "number" ? numberText(value, "number") : value)}</td>`;
  return `<div class="scroll"><table>
<thead><tr>${table.columns.map((column, i) => `<th scope="col"${classes[i]}>${escapeHtml(column)}</th>`).join("")}</tr></thead>
<tbody>
${table.rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n")}
</tbody>
</table></div>
${table.caption ? `<p class="caption">${escapeHtml(table.caption)}</p>` : ""}`;
}

function exampleHtml(example: ReportExample, index: number): string {
  const response = (side: "A" | "B", text: string) => `<div class="column">
<h4>Response ${side}${example.preferred === side ? " · preferred" : ""}</h4>
<p class="text${example.preferred === side ? " preferred" : ""}">${escapeHtml(text)}</p>
</div>`;
  return `<details${index === 0 ? " open" : ""}>
<summary>${escapeHtml(example.title)}</summary>
<div class="example">
<h4>Prompt</h4>
<p class="text">${escapeHtml(example.prompt)}</p>
<div class="grid-2">${response("A", example.responseA)}${response("B", example.responseB)}</div>
<div class="grid-2">
${verdictHtml("Before training", example.before, example.preferred)}
${verdictHtml("After training", example.after, example.preferred)}
</div>
</div>
</details>`;
}

function verdictHtml(title: string, verdict: Verdict, preferred: "A" | "B"): string {
  const right = verdict.winner === preferred;
  const outcome =
    verdict.winner === null ? "no readable winner" : `${verdict.winner} wins, ${right ? "right" : "wrong"}`;
  return `<div class="column">
<h4>${title}: rubric</h4>
<p class="text">${escapeHtml(verdict.rubric)}</p>
<h4>${title}: judgement · <span class="${right ? "good" : "bad"}">${outcome}</span></h4>
<p class="text">${escapeHtml(verdict.judgement)}</p>
</div>`;
}

const notes = (lines: readonly string[]): string =>
  lines.length === 0
    ? ""
    : `<ul class="notes">${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`;

const facts = (rows: Report["facts"]): string =>
  rows.length === 0
    ? ""
    : `<dl>${rows.map(({ label, value }) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join("")}</dl>`;
