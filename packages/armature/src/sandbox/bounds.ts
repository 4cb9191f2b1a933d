import { SeededStream } from "@armature/engine";
import type { CriterionName } from "./lexicon.ts";
import { oracleCriteria, staticCriteria } from "./rubric-language.ts";
import { perfectReader, type RuleReader, totalsReader } from "./rule-reader.ts";
import { teacherCriteria } from "./teacher.ts";
import { trueVerdicts } from "./transcript.ts";
import type { PairKind, WorldPair } from "./world.ts";

/** A mean over pairs. */
export interface Accuracy {
  /** 0 to 1; NaN without pairs. */
  readonly mean: number;
  /** Of the mean, from the spread over pairs. */
  readonly standardError: number;
  readonly pairs: number;
}

/** What a rule-based reader gets right with one kind of rubric. */
export interface Bound {
  readonly rubric: "oracle" | "teacher" | "static";
  readonly reader: string;
  readonly all: Accuracy;
  readonly byKind: Readonly<Record<PairKind, Accuracy>>;
}

/** In the order of the printed columns: no judge does better, no bias, the bias that the warm-up's greedy judge has. */
const READERS: readonly RuleReader[] = [
  perfectReader,
  totalsReader(0),
  { ...totalsReader(1), name: "first wins close calls" },
];

/**
 * How far each player alone can go, without any training: readers that follow a rule judge each pair in both orders with the
 * oracle's, the teacher's and the static rubric. A reader's chances are counted as they are, so only pairs and the teacher's
 * choices are sampled. A pair is right where its true winner is chosen.
 */
export function sandboxBounds(pairs: readonly WorldPair[], seed: number): Bound[] {
  const rubrics = {
    oracle: pairs.map(({ truth }) => oracleCriteria(truth.request)),
    teacher: pairs.map(({ truth }, i) => teacherCriteria(new SeededStream(seed, "bounds", i), truth.request)),
    static: pairs.map(({ truth }) => staticCriteria(truth.request)),
  };
  return Object.entries(rubrics).flatMap(([rubric, criteria]) =>
    READERS.map((reader) => {
      const right = pairs.map((pair, i) => ({
        kind: pair.truth.kind,
        chance: chanceRight(reader, pair, criteria[i]!),
      }));
      const ofKind = (kind: PairKind) =>
        accuracy(right.filter((item) => item.kind === kind).map((item) => item.chance));
      return {
        rubric: rubric as Bound["rubric"],
        reader: reader.name,
        all: accuracy(right.map((item) => item.chance)),
        byKind: { hard: ofKind("hard"), principle: ofKind("principle") },
      };
    }),
  );
}

/** The bounds as a table in percent: all pairs with the standard error, then hard and principle pairs. */
export function formatBounds(bounds: readonly Bound[]): string {
  const percent = (share: number) => (100 * share).toFixed(1);
  const cells = bounds.map(({ rubric, reader, all, byKind }) => [
    rubric,
    reader,
    `${percent(all.mean)} ± ${percent(all.standardError)}`,
    percent(byKind.hard.mean),
    percent(byKind.principle.mean),
    String(all.pairs),
  ]);
  const table = [["rubric", "reader", "accuracy", "hard", "principle", "pairs"], ...cells];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Chance that the reader picks the true winner, averaged over both orders. */
function chanceRight(reader: RuleReader, { truth }: WorldPair, criteria: readonly CriterionName[]): number {
  const { A: chosen, B: rejected } = trueVerdicts(criteria, truth.chosen, truth.rejected);
  const chosenFirst = reader.chanceOfA(criteria, { A: chosen, B: rejected });
  const chosenSecond = 1 - reader.chanceOfA(criteria, { A: rejected, B: chosen });
  const choosesChosen = (chosenFirst + chosenSecond) / 2;
  return truth.trueWinner === "chosen" ? choosesChosen : 1 - choosesChosen;
}

function accuracy(chances: readonly number[]): Accuracy {
  const count = chances.length;
  const mean = chances.reduce((sum, chance) => sum + chance, 0) / count;
  const variance = chances.reduce((sum, chance) => sum + (chance - mean) ** 2, 0) / (count - 1);
  return { mean, standardError: Math.sqrt(variance / count), pairs: count };
}
