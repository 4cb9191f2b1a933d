import type { TokenValue } from "../losses/token-loss.ts";
import { BATCH_INPUTS, type BatchShape } from "../model/transformer.ts";
import type { FeedValues } from "../runtime/session.ts";
import { type BatchRow, rowPosition, type Sequence } from "./batch-row.ts";
import { type MicroBatch, roundedUp } from "./micro-batches.ts";

/** One datum, checked, with what the loss reads per position. */
export interface Example extends Sequence {
  readonly targets: ArrayLike<number>;
  readonly values: Readonly<Partial<Record<TokenValue, ArrayLike<number>>>>;
  /** 1 at each position with a gradient. */
  readonly active: Uint8Array;
}

export interface AssembledBatch {
  readonly shape: BatchShape;
  readonly feeds: Readonly<Record<string, FeedValues>>;
  /** For each example of the batch the row of the head that each position went through; −1 for none. */
  readonly headRows: ReadonlyMap<number, Int32Array>;
}

/** Name of the input of target tokens, int32 [selected]; per-token values are named as in `TokenValue`. */
export const TARGETS = "targets";

/** Added to the scores of positions that must not be seen. */
const HIDDEN = -1e9;

/**
 * Lays the rows of a batch out as the arrays that its graph reads. Every position of every example goes through the head,
 * or only the active ones; positions of a shared prefix that want the same target and have no gradient go through once.
 */
export function assembleBatch(
  batch: MicroBatch,
  examples: readonly Example[],
  values: readonly TokenValue[],
  onlyActive: boolean,
): AssembledBatch {
  const { rows, paddedRows, time } = batch;
  const tokens = new Int32Array(paddedRows * time);
  const positions = new Int32Array(paddedRows * time);
  const selected: number[] = [];
  const source: { example: Example; position: number }[] = [];
  const headRows = new Map<number, Int32Array>();

  rows.forEach((row, r) => {
    const first = row.members[0]!;
    for (const member of row.members) {
      const example = examples[member.sequence]!;
      const ownHeadRows = new Int32Array(example.tokens.length).fill(-1);
      headRows.set(member.sequence, ownHeadRows);
      for (let position = 0; position < example.tokens.length; position++) {
        const at = r * time + rowPosition(row, member, position);
        tokens[at] = example.tokens[position]!;
        positions[at] = position;
        if (!example.active[position]) {
          if (onlyActive) continue;
          const same = headRows.get(first.sequence)![position]!;
          const shared = member !== first && position < row.prefix;
          if (shared && examples[first.sequence]!.targets[position] === example.targets[position]) {
            ownHeadRows[position] = same;
            continue;
          }
        }
        ownHeadRows[position] = selected.push(at) - 1;
        source.push({ example, position });
      }
    }
  });

  const sharedMask = rows.every((row) => row.members.length === 1);
  const shape = { rows: paddedRows, time, selected: roundedUp(selected.length, 8), sharedMask };
  // Padding repeats a real row of the head, so that nothing unusual is computed, and has no weight in the loss.
  const padded = Int32Array.from({ length: shape.selected }, (_, i) => selected[i] ?? selected[0]!);
  const perHeadRow = (read: (example: Example, position: number) => number) =>
    Array.from({ length: shape.selected }, (_, i) => {
      const { example, position } = source[i] ?? source[0]!;
      return read(example, position);
    });
  const feeds: Record<string, FeedValues> = {
    [BATCH_INPUTS.tokens]: tokens,
    [BATCH_INPUTS.positions]: positions,
    [BATCH_INPUTS.mask]: sharedMask ? causalMask(time) : treeMasks(rows, paddedRows, time),
    [BATCH_INPUTS.selected]: padded,
    [TARGETS]: Int32Array.from(perHeadRow((example, position) => example.targets[position]!)),
  };
  for (const value of values) {
    const fed = Float32Array.from(perHeadRow((example, position) => example.values[value]![position]!));
    if (COEFFICIENTS.has(value)) fed.fill(0, selected.length);
    feeds[value] = fed;
  }
  return { shape, feeds, headRows };
}

/** Values that switch a token's loss off where they are zero. */
const COEFFICIENTS: ReadonlySet<TokenValue> = new Set(["weights", "advantages", "kl_coefficients"]);

function causalMask(time: number): Float32Array {
  const mask = new Float32Array(time * time).fill(HIDDEN);
  for (let query = 0; query < time; query++) mask.fill(0, query * time, query * time + query + 1);
  return mask;
}

/** One mask for each row: a position sees the prefix up to itself and its own branch up to itself. */
function treeMasks(rows: readonly BatchRow[], paddedRows: number, time: number): Float32Array {
  const masks = new Float32Array(paddedRows * time * time).fill(HIDDEN);
  for (let r = 0; r < paddedRows; r++) {
    const row = rows[r];
    const branches = row ? row.members.map(({ start }) => start) : [0];
    let branch = 0;
    for (let query = 0; query < time; query++) {
      while (branch + 1 < branches.length && query >= branches[branch + 1]!) branch++;
      const line = (r * time + query) * time;
      const prefix = row?.prefix ?? 0;
      masks.fill(0, line, line + Math.min(prefix, query + 1));
      if (query >= prefix) masks.fill(0, line + branches[branch]!, line + query + 1);
    }
  }
  return masks;
}
