import type { TokenValue } from "../losses/token-loss.ts";
import { BATCH_INPUTS, type BatchShape } from "../model/batch-shape.ts";
import type { FeedValues } from "../runtime/session.ts";
import type { Example } from "./example.ts";
import { HeadRows } from "./head-rows.ts";
import type { MicroBatch } from "./micro-batches.ts";

export interface AssembledBatch {
  readonly shape: BatchShape;
  readonly feeds: Readonly<Record<string, FeedValues>>;
  /** For each example of the batch the row of the head that each position went through; −1 for none. */
  readonly headRows: ReadonlyMap<number, Int32Array>;
}

/** Added to the scores of positions that must not be seen. */
const HIDDEN = -1e9;

/** Lays a micro-batch out as the arrays that its graph reads. `onlyActive`: the head sees positions with a gradient only. */
export function assembleBatch(
  batch: MicroBatch,
  examples: readonly Example[],
  values: readonly TokenValue[],
  onlyActive: boolean,
): AssembledBatch {
  const { layouts, groups, prefixTime, lanes, laneTime } = batch;
  const prefixTokens = new Int32Array(groups * prefixTime);
  const prefixMask = new Float32Array(groups * prefixTime).fill(HIDDEN);
  const tokens = new Int32Array(groups * lanes * laneTime);
  const positions = new Int32Array(tokens.length);
  const head = new HeadRows(onlyActive);

  layouts.forEach(({ prefix, lanes: filled }, group) => {
    const prefixStart = group * prefixTime;
    prefixMask.fill(0, prefixStart, prefixStart + prefix);
    filled.forEach((lane, index) => {
      for (const { sequence, start } of lane) {
        const example = examples[sequence]!;
        const at = (group * lanes + index) * laneTime + start;
        prefixTokens.set(example.tokens.subarray(0, prefix), prefixStart);
        tokens.set(example.tokens.subarray(prefix), at);
        for (let position = prefix; position < example.tokens.length; position++)
          positions[at + position - prefix] = position;
        // The graph puts all prefixes before all lanes.
        head.add(sequence, example, { group, prefix, prefixStart, branchStart: prefixTokens.length + at });
      }
    });
  });

  const sharedMask = layouts.every((layout) => layout.lanes.every((lane) => lane.length === 1));
  const barePrefix = prefixTime > 0 && head.firstPlace >= prefixTokens.length;
  const seen = tokens.length + (barePrefix ? 0 : prefixTokens.length);
  const selected = roundedPart(head.count, seen);
  const shape = { groups, prefixTime, lanes, laneTime, selected, barePrefix, sharedMask };
  const feeds = {
    [BATCH_INPUTS.prefixTokens]: prefixTokens,
    [BATCH_INPUTS.prefixPositions]: prefixTokens.map((_, i) => i % prefixTime),
    [BATCH_INPUTS.prefixCausal]: causalMask(prefixTime),
    [BATCH_INPUTS.prefixMask]: prefixMask,
    [BATCH_INPUTS.tokens]: tokens,
    [BATCH_INPUTS.positions]: positions,
    [BATCH_INPUTS.mask]: sharedMask ? causalMask(laneTime) : laneMasks(batch),
    ...head.feeds(selected, values, barePrefix ? prefixTokens.length : 0),
  };
  return { shape, feeds, headRows: head.rowsOf };
}

/** Smallest of whole, ¾, ½, ⅜, ¼, … of `whole` that is at least `part`: few different sizes. */
function roundedPart(part: number, whole: number): number {
  for (let size = whole; ; size = Math.ceil(size / 2)) {
    const threeQuarters = Math.ceil(0.75 * size);
    if (threeQuarters < part || size <= 2) return size;
    if (Math.ceil(size / 2) < part) return threeQuarters;
  }
}

function causalMask(time: number): Float32Array {
  const mask = new Float32Array(time * time).fill(HIDDEN);
  for (let query = 0; query < time; query++) mask.fill(0, query * time, query * time + query + 1);
  return mask;
}

/** One mask for each lane: a position sees its own branch up to itself. Padding counts to the last branch. */
function laneMasks({ layouts, groups, lanes, laneTime }: MicroBatch): Float32Array {
  const masks = new Float32Array(groups * lanes * laneTime * laneTime).fill(HIDDEN);
  for (let lane = 0; lane < groups * lanes; lane++) {
    const branches = layouts[Math.floor(lane / lanes)]?.lanes[lane % lanes] ?? [];
    let start = 0;
    for (let query = 0; query < laneTime; query++) {
      if (branches.some((branch) => branch.start === query)) start = query;
      const line = (lane * laneTime + query) * laneTime;
      masks.fill(0, line + start, line + query + 1);
    }
  }
  return masks;
}
