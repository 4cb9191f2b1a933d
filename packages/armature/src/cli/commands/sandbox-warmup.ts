import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { INTERRUPTED_EXIT_CODE, Interruption } from "../../run/interruption.ts";
import { toJson } from "../../run/json-lines.ts";
import { progressOn, SILENT_PROGRESS } from "../../run/progress.ts";
import { plainNumber } from "../../run/report-number.ts";
import { type CommandContext, type CommonOptions, wholeNumber, withCommonOptions } from "../command.ts";
import type { SandboxWarmUp } from "../operations.ts";
import { printTable } from "../print-table.ts";

interface WarmUpOptions extends CommonOptions {
  readonly player: SandboxWarmUp["player"];
  readonly seed: number;
  readonly steps?: number;
  readonly threads?: number;
  readonly out: string;
}

export function define(command: Command, context: CommandContext): void {
  withCommonOptions(command, "armature sandbox warmup --player judge --out runs/my-judge")
    .addOption(
      new Option("--player <player>", "which nano model")
        .choices(["generator", "judge", "policy", "plausible-policy"])
        .makeOptionMandatory(),
    )
    .requiredOption("--out <folder>", "folder for the checkpoint")
    .option("--seed <n>", "of weights and lessons", wholeNumber(0), 0)
    .option("--steps <n>", "optimizer steps (default: what the committed checkpoints took)", wholeNumber(1))
    .option("--threads <n>", "threads of the engine (default: its own choice)", wholeNumber(1))
    .action((options: WarmUpOptions) => warmUp(options, context));
}

async function warmUp(options: WarmUpOptions, context: CommandContext): Promise<void> {
  const { terminal, operations } = context;
  const { player, seed, steps = null, threads = null } = options;
  const progress = options.json ? SILENT_PROGRESS : progressOn(terminal.stderr);
  const interruption = new Interruption((line) => progress.say(line));
  try {
    const out = resolve(terminal.cwd, options.out);
    const train = await operations.warmUpSandbox();
    const result = await train({ player, seed, steps, out, threads, progress, interruption });
    progress.end();
    if (interruption.stopRequested) context.exitCode = INTERRUPTED_EXIT_CODE;
    const rows = Object.entries(result.metrics).map(([name, value]) => [name, plainNumber(value, 3)]);
    terminal.stdout.write(options.json ? `${toJson(result)}\n` : `${printTable(rows)}\n`);
  } finally {
    progress.end();
    interruption.dispose();
  }
}
