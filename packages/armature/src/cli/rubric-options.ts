import { resolve } from "node:path";
import type { Command } from "commander";
import { RUBRIC_FORMATS } from "../rubric/formats/all-formats.ts";
import { chosenItems, readRubricItems } from "../rubric/read-rubric-items.ts";
import type { RubricItem } from "../rubric/rubric-item.ts";

/** Options of the commands that read rubric files. */
export interface FormatOptions {
  readonly format: string;
  readonly skipBadRows?: boolean;
  readonly id?: string;
}

/** Adds `--format` and `--skip-bad-rows`. */
export function withFormatOptions(command: Command): Command {
  return command
    .option("--format <name>", "format of the file; auto tells it by the first rows", "auto")
    .option("--skip-bad-rows", "leave out rows that cannot be read, and count them");
}

/** Adds the above and `--id`. */
export function withItemOptions(command: Command): Command {
  return withFormatOptions(command).option("--id <id>", "only the rubric of this id");
}

/** Rubrics of a file as the options choose them. */
export async function itemsOf(
  file: string,
  { format, skipBadRows, id }: FormatOptions,
  cwd: string,
): Promise<readonly RubricItem[]> {
  const { items } = await readRubricItems(resolve(cwd, file), {
    format,
    badRows: skipBadRows ? "skip" : "strict",
  });
  return chosenItems(items, id);
}

/** Every format with what it is, a line each. */
export function formatList(): string {
  const width = Math.max(...RUBRIC_FORMATS.map(({ name }) => name.length));
  return RUBRIC_FORMATS.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join("\n");
}
