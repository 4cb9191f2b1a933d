import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import type { Row } from "../../data/row-fields.ts";
import { checkRowsPath, documentText, writeRows } from "../../data/write-rows.ts";
import { ConfigError } from "../../errors.ts";
import { exportRubrics } from "../../rubric/export-rubrics.ts";
import { rubricFormat } from "../../rubric/formats/all-formats.ts";
import type { RubricFormat } from "../../rubric/formats/rubric-format.ts";
import { writeFileAtomic } from "../../run/atomic-file.ts";
import { toJson, toJsonLines } from "../../run/json-lines.ts";
import { type CommandContext, type CommonOptions, withCommonOptions } from "../command.ts";
import { type FormatOptions, formatList, itemsOf, withItemOptions } from "../rubric-options.ts";

interface ExportOptions extends CommonOptions, FormatOptions {
  readonly to: string;
  readonly out?: string;
}

export function define(command: Command, context: CommandContext): void {
  const example = "armature rubrics export rubrics.jsonl --to verifiers --id c00de --out rubric.toml";
  withItemOptions(withCommonOptions(command, example))
    .argument("<file>", "rubrics of any format that `rubrics import` reads")
    .requiredOption("--to <name>", "format to write")
    .option(
      "--out <file>",
      "file to write in place of stdout; its ending chooses JSON, YAML, TOML or parquet",
    )
    .addHelpText("after", `\nFormats:\n${formatList()}\n`)
    .action((file: string, options: ExportOptions) => exportFile(file, options, context));
}

async function exportFile(file: string, options: ExportOptions, { terminal }: CommandContext): Promise<void> {
  const { to, out, json } = options;
  const format = rubricFormat(to, "--to");
  const path = out === undefined ? null : resolve(terminal.cwd, out);
  if (path !== null && !existsSync(dirname(path)))
    throw new ConfigError(`--out ${out}: its folder does not exist; create it first`);
  if (path !== null && format.stored === "rows") checkRowsPath(path);
  const items = await itemsOf(file, options, terminal.cwd);
  const { rows, lost } = exportRubrics(items, format);
  if (path === null) {
    if (!json) terminal.stdout.write(await fileText("stdout.json", rows, format));
  } else if (format.stored === "rows") await writeRows(path, rows);
  else writeFileAtomic(path, await fileText(path, rows, format));
  if (json) {
    terminal.stdout.write(`${toJson({ format: to, rubrics: items.length, rows: rows.length, lost })}\n`);
    return;
  }
  const names = Object.entries(lost).map(([name, count]) => `${name} (${count})`);
  const losses = names.length === 0 ? "nothing is lost" : `${to} has no place for ${names.join(", ")}`;
  terminal.stderr.write(`${items.length} rubrics as ${to}: ${losses}\n`);
}

async function fileText(path: string, rows: readonly Row[], { stored }: RubricFormat): Promise<string> {
  if (stored === "rows") return toJsonLines(rows);
  return stored === "document" ? documentText(path, rows[0]) : String(rows[0]?.["text"]);
}
