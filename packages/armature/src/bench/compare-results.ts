import { DataError } from "../errors.ts";
import {
  type BootstrapSettings,
  bootstrapDifference,
  bootstrapDifferencePValue,
  type Interval,
} from "../evaluation/bootstrap.ts";
import { exactMcNemar, holmAdjusted, type McNemar } from "../evaluation/significance.ts";
import type { BenchResult, BenchRow } from "./bench-result.ts";

/** Two scorers on one group's common items; differences are second − first. */
export interface GroupComparison {
  readonly name: string;
  readonly count: number;
  readonly first: number;
  readonly second: number;
  readonly difference: Interval;
  /** Paired bootstrap, two-sided. */
  readonly p: number;
  /** The same, adjusted for the number of groups (Holm). */
  readonly adjusted: number;
}

/** A row that one scorer got right and the other did not. */
export interface Disagreement {
  readonly item: string;
  readonly group: string;
  readonly right: "first" | "second";
  readonly prompt: string;
  readonly source: string;
}

/** Two results of one suite, item by item. */
export interface BenchComparison {
  readonly suite: string;
  readonly first: string;
  readonly second: string;
  /** Rows that both measured, and those that only one did. */
  readonly common: number;
  readonly onlyOne: number;
  /** The suite's averages as each result has them, and their difference. */
  readonly average: { readonly first: number; readonly second: number; readonly difference: number } | null;
  /** Over prompts, each prompt's common rows averaged first; prompts are drawn. */
  readonly difference: Interval;
  readonly p: number;
  /** Where every common row is simply right or wrong; else null. */
  readonly mcNemar: McNemar | null;
  readonly groups: readonly GroupComparison[];
  readonly disagreements: readonly Disagreement[];
}

/**
 * Paired comparison of two results. Rows pair by item and group, in the order in which an item has them. Throws `DataError`
 * where the suites differ or no row is common.
 */
export function compareResults(
  first: BenchResult,
  second: BenchResult,
  settings: BootstrapSettings,
): BenchComparison {
  if (first.suite !== second.suite)
    throw new DataError(
      `one result is of ${first.suite}, the other of ${second.suite}; compare results of one suite`,
    );
  const others = new Map(keyedRows(second).map(({ key, row }) => [key, row]));
  const pairs = keyedRows(first).flatMap(({ key, row }) => {
    const other = others.get(key);
    return other === undefined || row.value === null || other.value === null
      ? []
      : [{ row, first: row.value, second: other.value }];
  });
  if (pairs.length === 0)
    throw new DataError("the results have no measured row in common; run both on the same files");
  const groups = [...new Set(pairs.map(({ row }) => row.group))].map((name) => {
    const own = pairs.filter(({ row }) => row.group === name);
    return {
      name,
      count: own.length,
      first: mean(own, "first"),
      second: mean(own, "second"),
      ...paired(own, settings),
    };
  });
  const adjusted = holmAdjusted(groups.map(({ p }) => p));
  const binary = pairs.every((pair) => isBinary(pair.first) && isBinary(pair.second));
  return {
    suite: first.suite,
    first: first.scorer,
    second: second.scorer,
    common: pairs.length,
    onlyOne: first.rows.length + second.rows.length - 2 * pairs.length,
    average:
      first.average === null || second.average === null
        ? null
        : {
            first: first.average.value,
            second: second.average.value,
            difference: second.average.value - first.average.value,
          },
    ...paired(pairs, settings),
    mcNemar: binary
      ? exactMcNemar(
          pairs.map((pair) => pair.first === 1),
          pairs.map((pair) => pair.second === 1),
        )
      : null,
    groups: groups.map((group, i) => ({ ...group, adjusted: adjusted[i]! })),
    disagreements: pairs.flatMap(({ row, first: one, second: other }) => {
      if (one === other) return [];
      const { item, group, prompt, source } = row;
      return [{ item, group, right: one > other ? ("first" as const) : ("second" as const), prompt, source }];
    }),
  };
}

interface PairedRow {
  readonly row: BenchRow;
  readonly first: number;
  readonly second: number;
}

/** Rows with a key that is unique also where an item has several rows of one group (RM-Bench) or stands twice. */
function keyedRows({ rows }: BenchResult): readonly { readonly key: string; readonly row: BenchRow }[] {
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const name = `${row.item} ${row.group}`;
    const place = seen.get(name) ?? 0;
    seen.set(name, place + 1);
    return { key: `${name} ${place}`, row };
  });
}

/** Difference and p-value with a prompt's rows drawn together. */
function paired(
  rows: readonly PairedRow[],
  settings: BootstrapSettings,
): { difference: Interval; p: number } {
  const byPrompt = new Map<string, PairedRow[]>();
  for (const row of rows) {
    const own = byPrompt.get(row.row.promptId);
    if (own) own.push(row);
    else byPrompt.set(row.row.promptId, [row]);
  }
  const side = (key: "first" | "second") => [...byPrompt.values()].map((own) => own.map((row) => row[key]));
  const [before, after] = [side("first"), side("second")];
  return {
    difference: bootstrapDifference(before, after, settings)!,
    p: bootstrapDifferencePValue(before, after, settings)!,
  };
}

const isBinary = (value: number): boolean => value === 0 || value === 1;

const mean = (rows: readonly PairedRow[], key: "first" | "second"): number =>
  rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
