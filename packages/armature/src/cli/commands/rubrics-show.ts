import type { Command } from "commander";
import { conversationText } from "../../data/conversation-text.ts";
import { rubricFingerprint } from "../../rubric/fingerprint.ts";
import { writeRubricItem } from "../../rubric/formats/native.ts";
import type { Criterion } from "../../rubric/rubric.ts";
import type { RubricItem } from "../../rubric/rubric-item.ts";
import { toJsonLines } from "../../run/json-lines.ts";
import { type CommandContext, type CommonOptions, wholeNumber, withCommonOptions } from "../command.ts";
import { type FormatOptions, itemsOf, withItemOptions } from "../rubric-options.ts";

interface ShowOptions extends CommonOptions, FormatOptions {
  readonly limit: number;
}

export function define(command: Command, context: CommandContext): void {
  withItemOptions(withCommonOptions(command, "armature rubrics show rubrics.jsonl --limit 3"))
    .argument("<file>", "rubrics of any format that `rubrics import` reads")
    .option("--limit <n>", "rubrics shown", wholeNumber(1), 1)
    .action((file: string, options: ShowOptions) => show(file, options, context));
}

async function show(file: string, options: ShowOptions, { terminal }: CommandContext): Promise<void> {
  const items = await itemsOf(file, options, terminal.cwd);
  const shown = items.slice(0, options.limit);
  if (options.json) {
    terminal.stdout.write(toJsonLines(shown.map(writeRubricItem)));
    return;
  }
  terminal.stdout.write(shown.map((item) => `${describeItem(item)}\n`).join("\n"));
  const more = items.length - shown.length;
  if (more > 0) terminal.stderr.write(`${more} more; --limit or --id shows others\n`);
}

const PROMPT_SHOWN = 400;

function describeItem({ id, prompt, reference, responses, rubric }: RubricItem): string {
  const asked = prompt === null ? null : conversationText(prompt);
  const about = [
    `${rubric.criteria.length} criteria`,
    ...(reference === null ? [] : ["a reference"]),
    ...(responses.length === 0 ? [] : [`${responses.length} responses`]),
    `fingerprint ${rubricFingerprint(rubric)}`,
  ];
  return [
    `${id}${rubric.title === undefined ? "" : `: ${rubric.title}`} (${about.join(", ")})`,
    ...(asked === null
      ? []
      : [indented(asked.length > PROMPT_SHOWN ? `${asked.slice(0, PROMPT_SHOWN)} …` : asked)]),
    ...rubric.criteria.map(describeCriterion),
  ].join("\n");
}

function describeCriterion(criterion: Criterion): string {
  const { id, text, weight, polarity, kind, category, gate, choices, tags, verifier, title } = criterion;
  const marks = [
    String(Number(weight.toPrecision(4))),
    ...(polarity === "bad" ? ["bad"] : []),
    ...(gate ? ["gate"] : []),
    ...[kind, category].flatMap((word) => word ?? []),
    ...(verifier === undefined ? [] : [`checked by ${verifier.name}`]),
    ...(tags ?? []).map((tag) => `#${tag}`),
  ];
  const head = `  ${id} [${marks.join(" ")}] ${title === undefined ? "" : `${title}: `}${text}`;
  const levels = (choices ?? []).map(
    ({ label, value, description }) =>
      `      ${label} = ${Number(value.toPrecision(3))}${description === undefined ? "" : `: ${description}`}`,
  );
  return [head, ...levels].join("\n");
}

function indented(text: string): string {
  return text.replace(/^/gm, "    ");
}
