import type { Prompt } from "../data/prompt.ts";
import type { JsonlRow } from "../data/read-jsonl.ts";
import type { FailureKind } from "../failure.ts";
import type { PairOutcome } from "../judge/outcome.ts";

/** What a suite asks about: a prompt with responses of which some are better. */
export interface BenchItem {
  /** Of prompt and responses: equal items have equal ids in every file. */
  readonly id: string;
  readonly prompt: Prompt;
  /** Better and worse responses, at least one of each; a pair has one of each. */
  readonly chosen: readonly string[];
  readonly rejected: readonly string[];
  /** The suite's own finest name for the kind of item; groups and the draws of intervals go by it. */
  readonly subset: string;
  /** True where the label calls both responses equal: left out of accuracy, and kept for agreement. */
  readonly tie?: boolean;
  /**
   * What each annotator said: 1 the first response as the file has them, −1 the second, 0 neither. In the file's order, since
   * chance agreement depends on how often each answer is given. `chosenFirst` tells which of them `chosen` is.
   */
  readonly annotations?: { readonly said: readonly number[]; readonly chosenFirst: boolean };
  /** The suite's own id, where graders need it. */
  readonly suiteId?: string;
  readonly source: { readonly file: string; readonly line: number };
}

/** One better response against one worse, as a scorer saw them. */
export interface Comparison {
  /** Places in the item's `chosen` and `rejected`. */
  readonly chosen: number;
  readonly rejected: number;
  /** One outcome in each order that was judged; a scorer of single responses gives one. */
  readonly outcomes: readonly PairOutcome[];
  /** Mean over outcomes of 1 (right) or 0 (wrong, tied or unreadable); null where none was made. */
  readonly value: number | null;
}

/** An item with all its comparisons. */
export interface JudgedItem {
  readonly item: BenchItem;
  readonly comparisons: readonly Comparison[];
  /** Scores of the responses, null where one failed; null as a whole from a judge of pairs. */
  readonly scores: {
    readonly chosen: readonly (number | null)[];
    readonly rejected: readonly (number | null)[];
  } | null;
  /** Shares of the rubric's weight that were judged, of the scores whose scorer tells them. */
  readonly coverages?: readonly number[];
  /** Why responses have no score, where the scorer tells it. */
  readonly unscored?: readonly { readonly kind: FailureKind; readonly detail: string }[];
}

/** What an item adds to a group: usually 1 for right and 0 for wrong. A null was not measured and is left out. */
export interface Contribution {
  /** Place of the item in the list that was judged. */
  readonly item: number;
  readonly group: string;
  readonly value: number | null;
}

/** Judged items to what they add to the suite's groups. */
export type Grader = (items: readonly JudgedItem[]) => readonly Contribution[];

/** Mean of a group's values and their number. */
export interface GroupMean {
  readonly mean: number;
  readonly count: number;
}

/** How a suite makes one number of its groups. */
export interface SuiteAverage {
  /** In words, for reports. */
  readonly what: string;
  /** Null where a group that it needs is missing. */
  of(groups: ReadonlyMap<string, GroupMean>): number | null;
}

/** A published benchmark of reward models: how its rows are read, graded and averaged. */
export interface BenchSuite {
  readonly name: string;
  readonly title: string;
  /** Usual places of its files below a folder of data, for `--data`; empty where it must be named. */
  readonly files: readonly string[];
  /** Items of a row; usually one. Throws `RowFault`. */
  read(row: JsonlRow): readonly BenchItem[];
  /**
   * Where an item's responses stand in several rows: `read` gives parts, of which one side may be empty, and this makes whole
   * items of them. What makes none is left out and counted as a tie.
   */
  join?(parts: readonly BenchItem[]): readonly BenchItem[];
  /** Default: every comparison counts in the group of its item's subset. */
  readonly grade?: Grader;
  readonly average: SuiteAverage;
}
