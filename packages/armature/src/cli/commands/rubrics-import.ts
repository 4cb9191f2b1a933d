import { resolve } from "node:path";
import type { Command } from "commander";
import { writeRubricItem } from "../../rubric/formats/native.ts";
import { importSummary } from "../../rubric/import-report.ts";
import { readRubricItems } from "../../rubric/read-rubric-items.ts";
import { toJson } from "../../run/json-lines.ts";
import { type CommandContext, type CommonOptions, withCommonOptions } from "../command.ts";
import { rowOutput } from "../row-output.ts";
import { formatList, withFormatOptions } from "../rubric-options.ts";

interface ImportOptions extends CommonOptions {
  readonly format: string;
  readonly skipBadRows?: boolean;
  readonly out?: string;
}

export function define(command: Command, context: CommandContext): void {
  const example = "armature rubrics import healthbench.jsonl.gz --out rubrics.jsonl";
  withFormatOptions(withCommonOptions(command, example))
    .argument("<file>", "rubrics: JSONL, JSON, YAML, TOML, parquet, Markdown or text; .gz too")
    .option(
      "--out <file>",
      "write our own rows to a file (.jsonl, .json, .yaml, .parquet) in place of stdout",
    )
    .addHelpText("after", `\nFormats:\n${formatList()}\n`)
    .action((file: string, options: ImportOptions) => importRubrics(file, options, context));
}

async function importRubrics(
  file: string,
  { format, skipBadRows, out, json }: ImportOptions,
  { terminal }: CommandContext,
): Promise<void> {
  const output = rowOutput(out, terminal);
  const badRows = skipBadRows ? "skip" : "strict";
  const { items, report } = await readRubricItems(resolve(terminal.cwd, file), { format, badRows });
  const shown = { ...report, file };
  if (!json || out !== undefined) await output.write(items.map(writeRubricItem));
  if (json) terminal.stdout.write(`${toJson(shown)}\n`);
  else terminal.stderr.write(`${importSummary(shown).join("\n")}\n`);
}
