import type { Command } from "commander";
import { toJson } from "../../run/json-lines.ts";
import { formatBounds, sandboxBounds } from "../../sandbox/bounds.ts";
import { HELD_OUT_PAIRS, worldPairs } from "../../sandbox/world.ts";
import { type CommandContext, type CommonOptions, wholeNumber, withCommonOptions } from "../command.ts";

interface BoundsOptions extends CommonOptions {
  readonly pairs: number;
  readonly seed: number;
}

export function define(command: Command, context: CommandContext): void {
  withCommonOptions(command, "armature sandbox bounds --pairs 3000")
    .option("--pairs <n>", "number of pairs to measure on", wholeNumber(2), 3000)
    .option("--seed <n>", "of the draw", wholeNumber(0), 0)
    .action(({ pairs, seed, json }: BoundsOptions) => {
      const bounds = sandboxBounds(worldPairs(seed, "bounds", pairs, HELD_OUT_PAIRS), seed);
      context.terminal.stdout.write(`${json ? toJson(bounds) : formatBounds(bounds)}\n`);
    });
}
