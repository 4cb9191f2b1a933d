import { resolve } from "node:path";
import type { Command } from "commander";
import { ConfigError } from "../../errors.ts";
import type { Criterion } from "../../rubric/rubric.ts";
import {
  type CriterionChange,
  diffRubrics,
  type RubricChange,
  type RubricsDiff,
} from "../../rubric/rubric-diff.ts";
import { diffVerdicts, type VerdictsChange } from "../../rubric/verdict-diff.ts";
import { toJson } from "../../run/json-lines.ts";
import { type CommandContext, type CommonOptions, withCommonOptions } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { readJudgements } from "../judging/read-judgements.ts";
import { type FormatOptions, itemsOf, withFormatOptions } from "../rubric-options.ts";

interface DiffOptions extends CommonOptions, FormatOptions {
  readonly verdicts?: readonly string[];
  readonly strict?: boolean;
}

export function define(command: Command, context: CommandContext): void {
  const example = "armature rubrics diff old.jsonl new.jsonl --verdicts old-scores.jsonl new-scores.jsonl";
  withFormatOptions(withCommonOptions(command, example))
    .argument("<old>", "rubrics of any format that `rubrics import` reads")
    .argument("<new>", "the same, changed")
    .option("--verdicts <files...>", "two files of `armature judge`, by the old rubrics and by the new")
    .option("--strict", "exit with 1 where anything differs")
    .action((old: string, now: string, options: DiffOptions) => diff(old, now, options, context));
}

async function diff(old: string, now: string, options: DiffOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const { verdicts: files } = options;
  if (files !== undefined && files.length !== 2)
    throw new ConfigError(`--verdicts takes two files, the old and the new; ${files.length} were given`);
  const before = await itemsOf(old, options, terminal.cwd);
  const after = await itemsOf(now, options, terminal.cwd);
  const result = diffRubrics(before, after);
  const verdicts =
    files === undefined
      ? null
      : diffVerdicts(
          result.rubrics,
          await readJudgements(resolve(terminal.cwd, files[0]!)),
          await readJudgements(resolve(terminal.cwd, files[1]!)),
        );
  if (options.json) terminal.stdout.write(`${toJson(asJson(result, verdicts))}\n`);
  else {
    terminal.stdout.write(
      printDiff(result, verdicts ?? [])
        .map((line) => `${line}\n`)
        .join(""),
    );
    terminal.stderr.write(`${summaryOf(result, verdicts)}\n`);
  }
  const same = result.added.length + result.removed.length === 0 && result.rubrics.every(isUnchanged);
  if (options.strict && !same) context.exitCode = EXIT.failed;
}

const isUnchanged = ({ added, removed, kept }: RubricChange) =>
  added.length + removed.length === 0 && kept.every(({ changed }) => changed.length === 0);

function asJson(
  { rubrics, added, removed }: RubricsDiff,
  verdicts: readonly VerdictsChange[] | null,
): object {
  return {
    added,
    removed,
    unchanged: rubrics.filter(isUnchanged).length,
    rubrics: rubrics
      .filter((change) => !isUnchanged(change))
      .map((change) => ({ ...change, kept: change.kept.filter(({ changed }) => changed.length > 0) })),
    ...(verdicts !== null && {
      verdicts: verdicts.map(({ rubric, criterion, compared, changed }) => ({
        rubric,
        before: criterion.before.id,
        after: criterion.after.id,
        compared,
        changed,
      })),
    }),
  };
}

function printDiff(
  { rubrics, added, removed }: RubricsDiff,
  verdicts: readonly VerdictsChange[],
): readonly string[] {
  return [
    ...removed.map((id) => `- ${id}: the whole rubric`),
    ...added.map((id) => `+ ${id}: the whole rubric`),
    ...rubrics.flatMap((change) => {
      const moved = verdicts.filter(({ rubric, changed }) => rubric === change.id && changed.length > 0);
      if (isUnchanged(change) && moved.length === 0) return [];
      return [
        change.id,
        ...change.removed.map((criterion) => `  - ${describe(criterion)}`),
        ...change.added.map((criterion) => `  + ${describe(criterion)}`),
        ...change.kept.filter(({ changed }) => changed.length > 0).flatMap(describeChange),
        ...moved.map(describeVerdicts),
      ];
    }),
  ];
}

function describe({ id, text, weight, polarity }: Criterion): string {
  return `${id} [${weight}${polarity === "bad" ? " bad" : ""}] ${text}`;
}

function describeChange({ before, after, similarity, changed }: CriterionChange): readonly string[] {
  const name = before.id === after.id ? after.id : `${before.id} -> ${after.id}`;
  const values = changed
    .filter((part) => part !== "text")
    .map((part) => {
      const [was, is] = [before, after].map((criterion) =>
        toJson(criterion[part as keyof Criterion] ?? null),
      );
      return `  ~ ${name}: ${part} ${was} -> ${is}`;
    });
  if (!changed.includes("text")) return values;
  const reworded = `  ~ ${name}: reworded (${Math.round(100 * similarity)} % alike)`;
  return [reworded, `      was ${before.text}`, `      is  ${after.text}`, ...values];
}

function describeVerdicts({ criterion, compared, changed }: VerdictsChange): string {
  const counts = new Map<string, number>();
  for (const { before, after } of changed) {
    const step = `${before} -> ${after}`;
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  const steps = [...counts].map(([step, count]) => `${count} ${step}`).join(", ");
  return `  ! ${criterion.after.id}: ${changed.length} of ${compared} verdicts changed: ${steps}`;
}

function summaryOf(
  { rubrics, added, removed }: RubricsDiff,
  verdicts: readonly VerdictsChange[] | null,
): string {
  const count = (of: (change: RubricChange) => number) =>
    rubrics.reduce((sum, change) => sum + of(change), 0);
  const parts = (part: string) =>
    count(({ kept }) => kept.filter(({ changed }) => changed.includes(part)).length);
  const changes = [
    `${rubrics.filter(isUnchanged).length} of ${rubrics.length} rubrics unchanged`,
    `criteria: ${count((change) => change.added.length)} added`,
    `${count((change) => change.removed.length)} removed`,
    `${parts("text")} reworded`,
    `${parts("weight")} weighed anew`,
    `${parts("polarity")} turned round`,
  ];
  const whole =
    added.length + removed.length === 0 ? "" : `; ${added.length} rubrics added, ${removed.length} removed`;
  const compared = verdicts?.reduce((sum, one) => sum + one.compared, 0) ?? 0;
  const moved = verdicts?.reduce((sum, one) => sum + one.changed.length, 0) ?? 0;
  const judged = verdicts === null ? "" : `; ${moved} of ${compared} verdicts changed`;
  return `${changes.join(", ")}${whole}${judged}`;
}
