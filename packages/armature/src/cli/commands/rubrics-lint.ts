import { type Command, InvalidArgumentError } from "commander";
import { LINT_RULES, type LintFinding, lintRubric } from "../../rubric/lint/lint-rubrics.ts";
import { toJson } from "../../run/json-lines.ts";
import { type CommandContext, type CommonOptions, wholeNumber, withCommonOptions } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { type FormatOptions, itemsOf, withItemOptions } from "../rubric-options.ts";

interface LintOptions extends CommonOptions, FormatOptions {
  readonly strict?: boolean;
  readonly limit: number;
  readonly rules?: readonly string[];
}

export function define(command: Command, context: CommandContext): void {
  const width = Math.max(...LINT_RULES.map(({ name }) => name.length));
  const rules = LINT_RULES.map(({ name, against }) => `  ${name.padEnd(width)}  ${against}`).join("\n");
  withItemOptions(withCommonOptions(command, "armature rubrics lint rubrics.jsonl --strict"))
    .argument("<file>", "rubrics of any format that `rubrics import` reads")
    .option("--rules <names>", "only these rules, with commas between", ruleNames)
    .option("--limit <n>", "findings printed", wholeNumber(1), 100)
    .option("--strict", "exit with 1 where anything is found")
    .addHelpText("after", `\nRules:\n${rules}\n`)
    .action((file: string, options: LintOptions) => lint(file, options, context));
}

async function lint(file: string, options: LintOptions, context: CommandContext): Promise<void> {
  const { terminal } = context;
  const items = await itemsOf(file, options, terminal.cwd);
  const { rules } = options;
  const findings = items.flatMap(lintRubric).filter(({ rule }) => rules?.includes(rule) ?? true);
  const counts = Object.fromEntries(
    LINT_RULES.flatMap(({ name }) => {
      const count = findings.filter(({ rule }) => rule === name).length;
      return count === 0 ? [] : [[name, count]];
    }),
  );
  if (options.json) {
    terminal.stdout.write(`${toJson({ rubrics: items.length, counts, findings })}\n`);
  } else {
    const shown = findings.slice(0, options.limit);
    terminal.stdout.write(shown.map((finding) => `${printFinding(finding)}\n`).join(""));
    const more = findings.length - shown.length;
    if (more > 0) terminal.stderr.write(`${more} more; --limit prints them\n`);
    const summary = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
    terminal.stderr.write(
      `${items.length} rubrics: ${summary.length === 0 ? "nothing found" : summary.join(", ")}\n`,
    );
  }
  if (options.strict && findings.length > 0) context.exitCode = EXIT.failed;
}

function printFinding({ item, criterion, rule, reason, mend }: LintFinding): string {
  return `${item}${criterion === null ? "" : ` ${criterion}`}: ${rule}: ${reason}; ${mend}`;
}

function ruleNames(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !LINT_RULES.some((rule) => rule.name === name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(
    `No rule ${unknown}; there are ${LINT_RULES.map(({ name }) => name).join(", ")}.`,
  );
}
