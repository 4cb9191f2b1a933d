import type { Interval } from "../evaluation/bootstrap.ts";
import { type UsageReport, usageLine } from "../llm/usage-report.ts";
import type { Report } from "../run/report.ts";
import { changeText, estimateText, numberText } from "../run/report-number.ts";
import { runVersions } from "../run/run-identity.ts";

/** What the report of a study says of how it was made. */
export interface StudyFacts {
  readonly scorer: string;
  readonly files: readonly string[];
  /** Items of the files of which the studied ones were chosen. */
  readonly all: number;
  readonly seed: number;
  readonly usage: UsageReport | null;
  readonly seconds: number;
}

/** The last part of a report. */
export function studyFacts({ scorer, files, seed, usage, seconds }: StudyFacts): Report["facts"] {
  return [
    { label: "scorer", value: scorer },
    { label: "files", value: files.join(", ") },
    { label: "seconds", value: numberText(seconds, "number") },
    ...(usage === null ? [] : [{ label: "language models", value: usageLine(usage) }]),
    { label: "seed", value: String(seed) },
    ...Object.entries(runVersions()).map(([label, value]) => ({ label, value })),
  ];
}

/** A share with its interval, for a table. */
export function shareCell(interval: Interval | null): string {
  return interval === null ? "n/a" : estimateText(interval, "percent");
}

/** A difference of shares in points, for a table. */
export function pointsCell(interval: Interval | null): string {
  return interval === null ? "n/a" : changeText(interval, "percent");
}

/** A difference of scores, for a table. */
export function scoreCell(interval: Interval | null): string {
  return interval === null ? "n/a" : changeText(interval, "number");
}
