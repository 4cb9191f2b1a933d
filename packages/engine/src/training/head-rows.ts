import type { TokenValue } from "../losses/token-loss.ts";
import { BATCH_INPUTS } from "../model/batch-shape.ts";
import type { FeedValues } from "../runtime/session.ts";
import type { Example } from "./example.ts";

/** Name of the input of target tokens, int32 [selected]; per-token values are named as in `TokenValue`. */
export const TARGETS = "targets";

/** Values that switch a token's loss off where they are zero. */
const COEFFICIENTS: ReadonlySet<TokenValue> = new Set(["weights", "advantages", "kl_coefficients"]);

/** Where the positions of one sequence stand among all positions of a graph. */
export interface Placement {
  /** Number of the group whose prefix it shares. */
  readonly group: number;
  readonly prefix: number;
  /** Where position 0 stands. */
  readonly prefixStart: number;
  /** Where position `prefix` stands. */
  readonly branchStart: number;
}

/**
 * Chooses the positions of a batch that go through the head: all from `headFrom` on, or only those with a gradient. Positions of a shared
 * prefix that want the same target and have no gradient go through once.
 */
export class HeadRows {
  /** For each sequence the row of the head that each position went through; −1 for none. */
  readonly rowsOf = new Map<number, Int32Array>();
  readonly #onlyActive: boolean;
  readonly #places: number[] = [];
  /** Of each row the example and position that it stands for: two lists, for there are tens of thousands. */
  readonly #examples: Example[] = [];
  readonly #positions: number[] = [];
  /** The first sequence of each group: its rows of the prefix may serve the others. */
  readonly #firstOf = new Map<number, { readonly example: Example; readonly rows: Int32Array }>();

  constructor(onlyActive: boolean) {
    this.#onlyActive = onlyActive;
  }

  get count(): number {
    return this.#places.length;
  }

  /** The first of all positions that goes through the head. */
  get firstPlace(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const place of this.#places) if (place < first) first = place;
    return first;
  }

  add(sequence: number, example: Example, { group, prefix, prefixStart, branchStart }: Placement): void {
    const rows = new Int32Array(example.tokens.length).fill(-1);
    this.rowsOf.set(sequence, rows);
    const first = this.#firstOf.get(group);
    if (!first) this.#firstOf.set(group, { example, rows });
    for (let position = example.headFrom; position < rows.length; position++) {
      if (!example.active[position]) {
        if (this.#onlyActive) continue;
        const sameTarget = first?.example.targets[position] === example.targets[position];
        if (position < prefix && sameTarget) {
          rows[position] = first!.rows[position]!;
          continue;
        }
      }
      rows[position] = this.count;
      this.#places.push(position < prefix ? prefixStart + position : branchStart + position - prefix);
      this.#examples.push(example);
      this.#positions.push(position);
    }
  }

  /**
   * What the head reads, padded to `selected` rows: repeats of the first row with the loss switched off. Places are counted from
   * `origin` on.
   */
  feeds(selected: number, values: readonly TokenValue[], origin: number): Record<string, FeedValues> {
    const places = new Int32Array(selected).fill(this.#places[0]! - origin);
    for (let row = 0; row < this.count; row++) places[row] = this.#places[row]! - origin;
    const feeds: Record<string, FeedValues> = {
      [BATCH_INPUTS.selected]: places,
      [TARGETS]: this.#filled(new Int32Array(selected), ({ targets }) => targets),
    };
    for (const value of values) {
      const filled = this.#filled(new Float32Array(selected), (example) => example.values[value]!);
      feeds[value] = COEFFICIENTS.has(value) ? filled.fill(0, this.count) : filled;
    }
    return feeds;
  }

  #filled<A extends Float32Array | Int32Array>(array: A, read: (example: Example) => ArrayLike<number>): A {
    for (let row = 0; row < this.count; row++)
      array[row] = read(this.#examples[row]!)[this.#positions[row]!]!;
    array.fill(array[0]!, this.count);
    return array;
  }
}
