import type { Command } from "commander";
import { HELD_OUT_PAIRS, worldPairs } from "../../sandbox/world.ts";
import {
  type CommandContext,
  type CommonOptions,
  numberBetween,
  wholeNumber,
  withCommonOptions,
} from "../command.ts";
import { rowOutput } from "../row-output.ts";

interface PairsOptions extends CommonOptions {
  readonly count: number;
  readonly seed: number;
  readonly split: string;
  readonly noise: number;
  readonly truth?: boolean;
  readonly out?: string;
}

export function define(command: Command, context: CommandContext): void {
  withCommonOptions(command, "armature sandbox pairs --count 1000 --split held-out --out pairs.jsonl")
    .option("--count <n>", "number of pairs", wholeNumber(1), 100)
    .option("--seed <n>", "of the draw", wholeNumber(0), 0)
    .option("--split <name>", "splits of different names share no draws", "train")
    .option("--noise <share>", "share of labels turned round", numberBetween(0, 0.5), 0)
    .option("--truth", "add what a learner must not see: the true winner and the kind of the pair")
    .option("--out <file>", "write to a JSONL file in place of stdout")
    .action((options: PairsOptions) => writePairs(options, context));
}

async function writePairs(options: PairsOptions, { terminal }: CommandContext): Promise<void> {
  const { count, seed, split, noise: labelNoise } = options;
  const output = rowOutput(options.out, terminal);
  const rows = worldPairs(seed, split, count, { ...HELD_OUT_PAIRS, labelNoise }).map(({ pair, truth }) => ({
    prompt: pair.prompt.messages,
    chosen: pair.chosen,
    rejected: pair.rejected,
    ...(options.truth && { trueWinner: truth.trueWinner, kind: truth.kind }),
  }));
  await output.write(rows);
  if (options.out !== undefined && options.json)
    terminal.stdout.write(`${JSON.stringify({ pairs: rows.length })}\n`);
}
