import type { PrefixGroup, Sequence } from "./prefix-groups.ts";

/** A sequence's tokens after the prefix, at `start` in its lane. */
export interface Branch {
  readonly sequence: number;
  readonly start: number;
}

/** Branches that lie one after another in one row; each sees the prefix and itself only. */
export type Lane = readonly Branch[];

/** One prefix and the lanes that see it. */
export interface GroupLayout {
  readonly prefix: number;
  readonly lanes: readonly Lane[];
}

/**
 * Groups that run together. `groups` prefixes are padded to `prefixTime` positions and have `lanes` lanes each, padded to
 * `laneTime`; there may be more of them than layouts. Where nothing is shared there is one group without prefix, prefixTime 0.
 */
export interface MicroBatch {
  readonly layouts: readonly GroupLayout[];
  readonly groups: number;
  readonly prefixTime: number;
  readonly lanes: number;
  readonly laneTime: number;
}

export interface BatchLimits {
  /** Most positions of a micro-batch, padding included, unless one sequence is longer. */
  readonly tokenBudget: number;
  /** Estimated work of some tokens that see some (token, token) pairs. */
  readonly work: (tokens: number, pairs: number) => number;
}

/** Sequences this many times shorter than the longest are batched apart: attention is over whole lanes. */
const LENGTH_CLASS = 4;

/** Most that a batch may grow by padding its groups to equal size. */
const PADDING = 1.25;

/**
 * Cuts groups into micro-batches under the token budget. Short branches share a lane, so padding is small whatever the
 * lengths; the lane's length is the one of least estimated work. Sizes are rounded up to few different ones and batches
 * filled up to the budget, because a new size is a new session, which costs a small model as much as ten runs. The cut depends on
 * lengths only, so a repeated run repeats it.
 */
export function microBatches(
  sequences: readonly Sequence[],
  groups: readonly PrefixGroup[],
  limits: BatchLimits,
): MicroBatch[] {
  const lengths = sequences.map(({ tokens }) => tokens.length);
  const alone = groups.filter(({ prefix }) => prefix === 0).flatMap(({ members }) => members);
  const sharing = groups.filter(({ prefix }) => prefix > 0);
  return [
    ...byLength(alone, (member) => lengths[member]!).flatMap((members) =>
      batchesAlone({ prefix: 0, members }, lengths, limits),
    ),
    ...byLength(sharing, (group) => longestBranch(group, lengths)).flatMap((groups) =>
      batchesOfGroups(groups, lengths, limits),
    ),
  ];
}

/** One sequence a lane, nothing shared: the plain padded batch. */
export function plainMicroBatches(sequences: readonly Sequence[], tokenBudget: number): MicroBatch[] {
  const lengths = sequences.map(({ tokens }) => tokens.length);
  return byLength([...lengths.keys()], (member) => lengths[member]!).flatMap((members) => {
    const laneTime = roundedTime(lengths[members[0]!]!);
    return cutLanes(
      members.map((sequence) => [{ sequence, start: 0 }]),
      laneTime,
      tokenBudget,
    );
  });
}

function batchesAlone(group: PrefixGroup, lengths: readonly number[], limits: BatchLimits): MicroBatch[] {
  const laneTime = bestLaneTime([group], lengths, limits);
  return cutLanes(fillLanes(group, lengths, laneTime), laneTime, limits.tokenBudget);
}

function cutLanes(lanes: readonly Lane[], laneTime: number, tokenBudget: number): MicroBatch[] {
  const capacity = Math.max(1, Math.floor(tokenBudget / laneTime));
  return parts(lanes, capacity).map((part) => ({
    layouts: [{ prefix: 0, lanes: part }],
    groups: 1,
    prefixTime: 0,
    lanes: Math.min(capacity, roundedUp(part.length, 4)),
    laneTime,
  }));
}

function batchesOfGroups(
  groups: readonly PrefixGroup[],
  lengths: readonly number[],
  limits: BatchLimits,
): MicroBatch[] {
  const { tokenBudget } = limits;
  const laneTime = bestLaneTime(groups, lengths, limits);
  const size = (prefix: number, lanes: number) => roundedPrefix(prefix) + lanes * laneTime;
  // A group beyond the budget is split; each part computes the prefix again.
  const layouts = groups.flatMap((group) => {
    const most = Math.max(1, Math.floor((tokenBudget - roundedPrefix(group.prefix)) / laneTime));
    return evenParts(fillLanes(group, lengths, laneTime), most).map((lanes) => ({
      prefix: group.prefix,
      lanes,
    }));
  });
  layouts.sort((a, b) => size(b.prefix, b.lanes.length) - size(a.prefix, a.lanes.length));

  const batches: MicroBatch[] = [];
  for (let start = 0; start < layouts.length; ) {
    const largest = size(layouts[start]!.prefix, layouts[start]!.lanes.length);
    const capacity = Math.max(1, Math.floor(tokenBudget / largest));
    let end = start;
    let [prefix, lanes, own] = [0, 0, 0];
    for (; end < Math.min(layouts.length, start + capacity); end++) {
      const next = layouts[end]!;
      const grown = [Math.max(prefix, next.prefix), Math.max(lanes, next.lanes.length)] as const;
      const padded = (end + 1 - start) * size(...grown);
      const ownNext = own + size(next.prefix, next.lanes.length);
      if (end > start && (padded > PADDING * ownNext || padded > tokenBudget)) break;
      [prefix, lanes, own] = [...grown, ownNext];
    }
    const fitting = Math.max(1, Math.floor(tokenBudget / size(prefix, lanes)));
    batches.push({
      layouts: layouts.slice(start, end),
      groups: Math.min(fitting, roundedUp(end - start, 2)),
      prefixTime: roundedPrefix(prefix),
      lanes,
      laneTime,
    });
    start = end;
  }
  return batches;
}

/** The lane length, of the sizes that hold the longest branch up to four times that, with the least estimated work. */
function bestLaneTime(
  groups: readonly PrefixGroup[],
  lengths: readonly number[],
  { tokenBudget, work }: BatchLimits,
): number {
  const least = roundedTime(Math.max(...groups.map((group) => longestBranch(group, lengths))));
  let best = { laneTime: least, work: Number.POSITIVE_INFINITY };
  for (
    let time = least;
    time <= Math.max(least, Math.min(4 * least, tokenBudget));
    time = roundedTime(time + 1)
  ) {
    const total = groups.reduce((sum, group) => {
      const lanes = fillLanes(group, lengths, time).length;
      return sum + work(lanes * time, lanes * time * (roundedPrefix(group.prefix) + time));
    }, 0);
    if (total < best.work) best = { laneTime: time, work: total };
  }
  return best.laneTime;
}

/** Puts each branch, longest first, into the first lane with room for it. */
function fillLanes({ prefix, members }: PrefixGroup, lengths: readonly number[], laneTime: number): Lane[] {
  const lanes: { branches: Branch[]; used: number }[] = [];
  for (const sequence of members.toSorted((a, b) => lengths[b]! - lengths[a]!)) {
    const length = lengths[sequence]! - prefix;
    let lane = lanes.find(({ used }) => used + length <= laneTime);
    if (!lane) {
      lane = { branches: [], used: 0 };
      lanes.push(lane);
    }
    lane.branches.push({ sequence, start: lane.used });
    lane.used += length;
  }
  return lanes.map(({ branches }) => branches);
}

/** Sorted from long to short and cut wherever the length has fallen to a fraction. */
function byLength<T>(items: readonly T[], length: (item: T) => number): T[][] {
  const classes: T[][] = [];
  for (const item of items.toSorted((a, b) => length(b) - length(a))) {
    const last = classes.at(-1);
    if (last && length(last[0]!) < LENGTH_CLASS * length(item)) last.push(item);
    else classes.push([item]);
  }
  return classes;
}

function longestBranch({ prefix, members }: PrefixGroup, lengths: readonly number[]): number {
  return Math.max(...members.map((member) => lengths[member]!)) - prefix;
}

/** Parts of at most `most` items, as equal as can be. */
function evenParts<T>(items: readonly T[], most: number): T[][] {
  return parts(items, Math.ceil(items.length / Math.ceil(items.length / most)));
}

/** Consecutive parts of `size` items, and one of what is left. */
function parts<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** Positions of a lane are padded to multiples of 4, above 32 of 8, above 64 of 16, and in wider steps above 256. */
function roundedTime(length: number): number {
  return paddedTo(length <= 32 ? 4 : length <= 64 ? 8 : 16, length);
}

/** A prefix is padded to multiples of 8, above 64 as lanes are; none stays none. */
function roundedPrefix(length: number): number {
  return length === 0 ? 0 : paddedTo(length <= 64 ? 8 : 16, length);
}

function paddedTo(unit: number, length: number): number {
  return unit * roundedUp(Math.ceil(length / unit), 8);
}

/** Smallest number of the form m · 2^k with m ≤ 2 · steps that is at least n ≥ 1: less than n / steps too many. */
export function roundedUp(n: number, steps: number): number {
  const unit = 2 ** Math.max(0, Math.ceil(Math.log2(n / (2 * steps))));
  return unit * Math.ceil(n / unit);
}
