import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Command } from "commander";
import { ConfigError } from "../errors.ts";
import { writeFileAtomic } from "../run/atomic-file.ts";
import { toJson } from "../run/json-lines.ts";
import { type Report, writeReport } from "../run/report.ts";
import { reportMarkdown } from "../run/report-markdown.ts";
import { type CommonOptions, type Terminal, withCommonOptions } from "./command.ts";

/** Options of a command whose result is a report. */
export interface ReportOptions extends CommonOptions {
  readonly out?: string;
}

/** Adds `--json`, `--debug`, `--out` and the example. */
export function withReportOptions(command: Command, example: string): Command {
  return withCommonOptions(command, example).option(
    "--out <folder>",
    "write result.json and report.json, .md and .html into this folder, created where it is missing",
  );
}

/** Where a finished report goes. */
export interface ReportOutput {
  /** `result` is what programs read, `report` what people read. */
  write(result: unknown, report: Report): void;
}

/**
 * Files in a folder, and on stdout the result as JSON (`--json`), or the report as text unless it went into files.
 * @throws ConfigError at once, not after the work, where the folder's own folder does not exist.
 */
export function reportOutput({ out, json }: ReportOptions, { cwd, stdout, stderr }: Terminal): ReportOutput {
  const folder = out === undefined ? null : resolve(cwd, out);
  if (folder !== null && !existsSync(dirname(folder)))
    throw new ConfigError(`--out ${out}: its parent folder does not exist; create it first`);
  return {
    write(result, report) {
      if (folder !== null) {
        mkdirSync(folder, { recursive: true });
        writeFileAtomic(join(folder, "result.json"), `${toJson(result, 2)}\n`);
        writeReport(folder, report);
      }
      if (json) stdout.write(`${toJson(result)}\n`);
      else if (folder === null) stdout.write(reportMarkdown(report));
      else stderr.write(`${join(folder, "report.html")}\n`);
    },
  };
}
