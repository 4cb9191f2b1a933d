import { SeededStream } from "@armature/engine";
import { type Command, Option } from "commander";
import type { BenchItem, BenchSuite } from "../../bench/bench-suite.ts";
import { openSuite } from "../../bench/open-suite.ts";
import { readSuite, type SuiteItems } from "../../bench/read-suite.ts";
import { SUITES } from "../../bench/suites.ts";
import type { BadRows } from "../../data/preference-pairs.ts";
import { ConfigError } from "../../errors.ts";
import { wholeNumber } from "../command.ts";

/** Which items of which files. */
export interface ItemOptions {
  readonly data?: string;
  readonly limit?: number;
  readonly sample?: number;
  readonly badRows: BadRows;
}

/** Items that were chosen, and what their files hold. */
export interface ChosenItems extends Pick<SuiteItems, "items" | "leftOut"> {
  readonly suite: BenchSuite;
  readonly files: readonly string[];
  /** Items of the files, chosen or not. */
  readonly all: number;
}

/** Adds suite, files and the options that choose items. */
export function withItemOptions(command: Command): Command {
  return command
    .argument("<suite>", `a pair file, or one of ${[...SUITES.keys()].join(", ")}`)
    .argument("[files...]", "files of the suite, in the format in which it is published")
    .option("--data <folder>", "where the suite's files lie under their usual names")
    .option("--limit <n>", "only the first n items", wholeNumber(1))
    .option("--sample <n>", "only n items, drawn by the seed", wholeNumber(1))
    .addOption(
      new Option("--bad-rows <rule>", "stop at a row that cannot be read, or leave it out")
        .choices(["strict", "skip"])
        .default("strict"),
    );
}

/** @throws ConfigError for a suite that is none and where both ways of choosing are given; DataError for rows. */
export async function readItems(
  name: string,
  named: readonly string[],
  { data, limit, sample, badRows, seed }: ItemOptions & { readonly seed: number },
  cwd: string,
): Promise<ChosenItems> {
  if (limit !== undefined && sample !== undefined)
    throw new ConfigError("--limit takes the first items, --sample draws them; give one of them");
  const { suite, files } = openSuite(name, named, { cwd, ...(data !== undefined && { data }) });
  const { items, leftOut } = await readSuite(suite, files, badRows);
  return {
    ...{ suite, files, leftOut, all: items.length },
    items: sample === undefined ? items.slice(0, limit) : drawn(items, sample, seed),
  };
}

/** In the order of the files. */
function drawn(items: readonly BenchItem[], count: number, seed: number): readonly BenchItem[] {
  const places = new SeededStream(seed, "bench items").sample(
    items.map((_, i) => i),
    count,
  );
  return places.sort((a, b) => a - b).map((place) => items[place]!);
}
