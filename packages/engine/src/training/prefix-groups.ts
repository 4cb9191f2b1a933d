/** Input tokens of one datum. */
export interface Sequence {
  readonly tokens: Int32Array;
  /** The first position that the head looks at, default 0. */
  readonly headFrom?: number;
}

/** Sequences that begin with the same `prefix` tokens; each has at least one token more. */
export interface PrefixGroup {
  readonly prefix: number;
  /** Indices of the sequences. */
  readonly members: readonly number[];
}

/** Prefixes shorter than this are not worth a batch of their own kind. */
const MIN_PREFIX = 8;

/** Smallest share of a group's tokens that sharing must save. */
const MIN_SAVING = 0.1;

/** Tokens that a cut must save: groups of one size, a prompt's responses, are worth more than a few tokens shared besides. */
const CUT_COST = 16;

/**
 * Finds neighbours that begin alike, so that their common prefix is computed once. Of all ways to cut the list into runs of
 * neighbours the one that saves most tokens is taken (dynamic programming over the end of the last run), so a short
 * accidental prefix never spoils a long one; a cut counts as `CUT_COST` tokens. What shares nothing comes as groups of one without
 * prefix. A prefix ends where the head begins to look if that costs it less than half: its last layer then needs keys and
 * values only.
 */
export function prefixGroups(sequences: readonly Sequence[]): PrefixGroup[] {
  const shared = sequences.map((sequence, i) => (i === 0 ? 0 : sharedStart(sequences[i - 1]!, sequence)));
  const saved = [0];
  const runStart = [0];
  for (let end = 1; end <= sequences.length; end++) {
    saved[end] = saved[end - 1]! - CUT_COST;
    runStart[end] = end - 1;
    let prefix = Number.POSITIVE_INFINITY;
    let total = sequences[end - 1]!.tokens.length;
    for (let start = end - 2; start >= 0; start--) {
      prefix = Math.min(prefix, shared[start + 1]!);
      if (prefix < MIN_PREFIX) break;
      total += sequences[start]!.tokens.length;
      const saving = (end - start - 1) * prefix;
      const whole = saved[start]! + saving - CUT_COST;
      if (saving >= MIN_SAVING * total && whole > saved[end]!) {
        saved[end] = whole;
        runStart[end] = start;
      }
    }
  }
  const groups: PrefixGroup[] = [];
  for (let end = sequences.length; end > 0; end = runStart[end]!) {
    const start = runStart[end]!;
    const members = Array.from({ length: end - start }, (_, i) => start + i);
    groups.push({ prefix: members.length === 1 ? 0 : Math.min(...shared.slice(start + 1, end)), members });
  }
  return groups.reverse();
}

function sharedStart(a: Sequence, b: Sequence): number {
  const common = commonPrefix(a.tokens, b.tokens);
  const unseen = Math.min(common, a.headFrom ?? 0, b.headFrom ?? 0);
  return unseen >= MIN_PREFIX && 2 * unseen >= common ? unseen : common;
}

/** Tokens that two sequences have in common at the start, leaving each at least one of its own. */
function commonPrefix(a: Int32Array, b: Int32Array): number {
  const most = Math.min(a.length, b.length) - 1;
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
