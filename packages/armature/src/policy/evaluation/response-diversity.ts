/** Share of distinct items among all: 1 where none is repeated. NaN where there are none. (distinct-n, Li et al. 2016.) */
export function distinctShare(items: readonly string[]): number {
  return new Set(items).size / items.length;
}

/** Pieces of `size` words that follow each other, in order, in small letters. */
export function wordRunsOf(text: string, size: number): readonly string[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return words.slice(size - 1).map((_, i) => words.slice(i, i + size).join(" "));
}

/**
 * For each response the share of its runs of `size` words that a response to another prompt has, too: near 1 where a policy
 * tells one story whatever it is asked. Null for a response too short to have a run. `groups` are responses by prompt.
 */
export function sharedRunShares(
  groups: readonly (readonly string[])[],
  size: number,
): readonly (readonly (number | null)[])[] {
  const runs = groups.map((responses) => responses.map((text) => wordRunsOf(text, size)));
  const promptsWith = new Map<string, number>();
  for (const group of runs)
    for (const run of new Set(group.flat())) promptsWith.set(run, (promptsWith.get(run) ?? 0) + 1);
  return runs.map((group) =>
    group.map((own) =>
      own.length === 0 ? null : own.filter((run) => promptsWith.get(run)! > 1).length / own.length,
    ),
  );
}
