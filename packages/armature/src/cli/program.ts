import { Command, CommanderError } from "commander";
import { runVersions } from "../run/run-identity.ts";
import type { CommandContext, CommandModule, Terminal } from "./command.ts";
import { describeError, EXIT } from "./describe-error.ts";
import { OPERATIONS } from "./wiring.ts";

interface Entry {
  readonly path: readonly [command: string, subcommand?: string];
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** Every command; a module is loaded only where its command was called. */
const COMMANDS: readonly Entry[] = [
  {
    path: ["train"],
    summary: "train as a recipe says, or go on where a run stopped",
    load: () => import("./commands/train.ts"),
  },
  {
    path: ["judge"],
    summary: "judge responses or preference pairs by rubrics",
    load: () => import("./commands/judge.ts"),
  },
  {
    path: ["engine", "serve"],
    summary: "put base models behind the Tinker training protocol and OpenAI's",
    load: () => import("./commands/engine-serve.ts"),
  },
  {
    path: ["engine", "conformance"],
    summary: "check what a server of the training protocol computes",
    load: () => import("./commands/engine-conformance.ts"),
  },
  {
    path: ["rubrics", "generate"],
    summary: "write a rubric for each prompt with a trained generator or a language model",
    load: () => import("./commands/rubrics-generate.ts"),
  },
  {
    path: ["rubrics", "refine"],
    summary: "improve rubrics until they tell the best responses apart",
    load: () => import("./commands/rubrics-refine.ts"),
  },
  {
    path: ["responses", "sample"],
    summary: "sample responses to prompts from several models",
    load: () => import("./commands/responses-sample.ts"),
  },
  {
    path: ["rubrics", "import"],
    summary: "read rubrics of any known format into our own rows",
    load: () => import("./commands/rubrics-import.ts"),
  },
  {
    path: ["rubrics", "export"],
    summary: "write rubrics in the format of another tool or data set",
    load: () => import("./commands/rubrics-export.ts"),
  },
  {
    path: ["rubrics", "show"],
    summary: "print rubrics for reading",
    load: () => import("./commands/rubrics-show.ts"),
  },
  {
    path: ["rubrics", "lint"],
    summary: "find weaknesses of rubrics by rules of text",
    load: () => import("./commands/rubrics-lint.ts"),
  },
  {
    path: ["rubrics", "diff"],
    summary: "compare two versions of rubrics, and the verdicts by them",
    load: () => import("./commands/rubrics-diff.ts"),
  },
  {
    path: ["sandbox", "pairs"],
    summary: "write preference pairs of the controlled world",
    load: () => import("./commands/sandbox-pairs.ts"),
  },
  {
    path: ["sandbox", "bounds"],
    summary: "print what rule-based readers reach in the world, without training",
    load: () => import("./commands/sandbox-bounds.ts"),
  },
  {
    path: ["sandbox", "warmup"],
    summary: "train a nano checkpoint from random weights",
    load: () => import("./commands/sandbox-warmup.ts"),
  },
  {
    path: ["policy", "compare"],
    summary: "measure trained policies beside each other and their start, on the same prompts",
    load: () => import("./commands/policy-compare.ts"),
  },
  {
    path: ["bench"],
    summary: "measure a reward model on a published suite or on any pair file",
    load: () => import("./commands/bench.ts"),
  },
  {
    path: ["bench", "compare"],
    summary: "compare two results of one suite, item by item",
    load: () => import("./commands/bench-compare.ts"),
  },
  {
    path: ["evaluate"],
    summary: "measure a policy on a published suite or on rubrics of your own",
    load: () => import("./commands/evaluate.ts"),
  },
  {
    path: ["evaluate", "compare"],
    summary: "compare two policies on one suite, question by question",
    load: () => import("./commands/evaluate-compare.ts"),
  },
  {
    path: ["evaluate", "win-rate"],
    summary: "win rate of one policy against another, raw and at equal lengths",
    load: () => import("./commands/evaluate-win-rate.ts"),
  },
  {
    path: ["evaluate", "meta"],
    summary: "agreement of a judge with physicians (HealthBench's meta-evaluation)",
    load: () => import("./commands/evaluate-meta.ts"),
  },
  {
    path: ["study", "position"],
    summary: "does the place of a response decide? both orders, and one response shown twice",
    load: () => import("./commands/study-position.ts"),
  },
  {
    path: ["study", "length"],
    summary: "does length decide? pairs as they are and with neutral text added",
    load: () => import("./commands/study-length.ts"),
  },
  {
    path: ["study", "style"],
    summary: "does Markdown decide? pairs as they are and restyled by rules",
    load: () => import("./commands/study-style.ts"),
  },
  {
    path: ["study", "probes"],
    summary: "which tricks beat honest responses? empty, parroted, repeated, long, instructions to the judge",
    load: () => import("./commands/study-probes.ts"),
  },
  {
    path: ["study", "rubrics"],
    summary: "what each criterion is worth: discrimination, redundancy, dropout; agreement of two writers",
    load: () => import("./commands/study-rubrics.ts"),
  },
  {
    path: ["study", "judge-scale"],
    summary: "several judges on one suite, each with and without rubrics, in one table",
    load: () => import("./commands/study-judge-scale.ts"),
  },
  {
    path: ["study", "tail"],
    summary: "what misordered responses do to a policy trained on the proxy: theory, or your own scores",
    load: () => import("./commands/study-tail.ts"),
  },
  {
    path: ["study", "variance"],
    summary: "variance of the judge's and the generator's gradients, by exact enumeration",
    load: () => import("./commands/study-variance.ts"),
  },
];

const GROUPS: Readonly<Record<string, string>> = {
  engine: "engines behind the training protocol",
  rubrics: "rubrics: written, refined, read and compared",
  responses: "responses to prompts",
  policy: "policies trained with a reward",
  sandbox: "the controlled world whose true reward is known",
  study: "why a reward works and where it breaks",
};

/** Runs one command line; the result is the exit code. Errors become one line on stderr, with the stack under `--debug`. */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  operations = OPERATIONS,
): Promise<number> {
  const context: CommandContext = { terminal, operations, exitCode: EXIT.done };
  try {
    await (await programFor(args, context)).parseAsync(args, { from: "user" });
    return context.exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    // Called without a command: the help was printed, and nothing was done.
    if (error instanceof CommanderError && error.code === "commander.help") return EXIT.usage;
    const { line, exitCode } = describeError(error);
    terminal.stderr.write(`armature: ${line}\n`);
    const debug = args.includes("--debug") || terminal.environment["ARMATURE_DEBUG"] === "1";
    if (debug && error instanceof Error) terminal.stderr.write(`${error.stack}\n`);
    return exitCode;
  }
}

async function programFor(args: readonly string[], context: CommandContext): Promise<Command> {
  const { stdout, stderr } = context.terminal;
  const words = args.filter((argument) => !argument.startsWith("-"));
  const program = new Command("armature")
    .description("Learns rubric-based reward models from preference pairs.")
    .version(runVersions()["armature"]!)
    .helpCommand(false)
    // Options after a command's name are its own, also where its parent has one of that name.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // A usage error is thrown as well, and printed in one place.
      outputError: () => {},
      getOutHelpWidth: () => Math.min(stdout.columns ?? 100, 100),
    })
    .addHelpText("after", "\nExample:\n  armature train recipes/quickstart/recipe.yaml\n");
  const groups = new Map<string, Command>();
  for (const { path, summary, load } of COMMANDS) {
    const [first, second] = path;
    let parent = program;
    if (second !== undefined) {
      parent = groups.get(first) ?? program.command(first).description(GROUPS[first]!).helpCommand(false);
      groups.set(first, parent);
    }
    const command = parent.command(second ?? first).description(summary);
    // A command of one word may have subcommands beside its own action.
    if (second === undefined) groups.set(first, command.enablePositionalOptions());
    if (path.every((word, i) => words[i] === word)) (await load()).define(command, context);
  }
  return program;
}
