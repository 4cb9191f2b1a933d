import { join } from "node:path";
import { writeFileAtomic } from "./atomic-file.ts";
import { toJson } from "./json-lines.ts";
import { reportHtml } from "./report-html.ts";
import { reportMarkdown } from "./report-markdown.ts";

/** How a number is shown: shares (0 to 1) as percent, others with three significant digits. */
export type NumberFormat = "percent" | "number";

/** A measured value, with the bounds of its confidence interval where it has one. */
export interface Estimate {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/** A headline number before and after training. */
export interface SummaryRow {
  /** For programs that read `report.json`: "accuracy". */
  readonly name: string;
  readonly label: string;
  readonly format: NumberFormat;
  readonly before?: Estimate;
  readonly after: Estimate;
  /** after − before, with its own interval. */
  readonly change?: Estimate;
  readonly note?: string;
}

export interface ChartPoint extends Estimate {
  readonly x: number;
}

/** One chart; `value` is y, and low and high are drawn as a band. */
export interface LineChart {
  readonly title: string;
  readonly xLabel: string;
  readonly format: NumberFormat;
  readonly series: readonly { readonly name: string; readonly points: readonly ChartPoint[] }[];
  /** Stretches of x, shaded in turn: the phases of a run. */
  readonly spans?: readonly { readonly from: number; readonly to: number; readonly label: string }[];
  /** Horizontal lines: bounds that the curves are to be read against. */
  readonly references?: readonly { readonly label: string; readonly value: number }[];
  readonly caption?: string;
}

export interface ReportTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly caption?: string;
}

/** What generator and judge wrote about one pair. */
export interface Verdict {
  readonly rubric: string;
  readonly judgement: string;
  readonly winner: "A" | "B" | null;
}

/** One held-out pair as the models treated it before and after training. */
export interface ReportExample {
  readonly title: string;
  readonly prompt: string;
  readonly responseA: string;
  readonly responseB: string;
  readonly preferred: "A" | "B";
  readonly before: Verdict;
  readonly after: Verdict;
}

/** All that a finished run tells; `report.json` is this object. */
export interface Report {
  readonly title: string;
  /** What was run, in a sentence or two. */
  readonly lead: string;
  readonly summary: readonly SummaryRow[];
  readonly charts: readonly LineChart[];
  readonly tables: readonly ReportTable[];
  readonly examples: readonly ReportExample[];
  /** Limits and warnings that a reader must know. */
  readonly notes: readonly string[];
  /** Seed, machine, versions, date, duration. */
  readonly facts: readonly { readonly label: string; readonly value: string }[];
}

/** Writes `report.json`, `report.md` and `report.html` into a folder. */
export function writeReport(folder: string, report: Report): void {
  writeFileAtomic(join(folder, "report.json"), `${toJson(report, 2)}\n`);
  writeFileAtomic(join(folder, "report.md"), reportMarkdown(report));
  writeFileAtomic(join(folder, "report.html"), reportHtml(report));
}
