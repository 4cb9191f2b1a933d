/** What one token of one sequence leaves behind: a key and a value of `headDim` numbers for each layer and head. */
export interface CacheShape {
  readonly layers: number;
  readonly keyValueHeads: number;
  /** Even, as rotary positions need it. */
  readonly headDim: number;
}

/** The keys and values of all layers, in that order: `[key 0, value 0, key 1, value 1, …]`. */
export type LayerBlocks = readonly Float32Array[];

/**
 * The keys and values of a batch of sequences: for each layer two arrays [rows, heads, slots, headDim], which graphs only
 * read. (The runtime copies what a graph returns, so a cache that went through a graph would be copied in every step.)
 * Active sequences are rows 0 … rows − 1: the last one moves into the place of one that leaves, so a batch shrinks
 * by reading less of the same arrays. Rows may have any length up to `slots`, which grows and shrinks in place.
 */
export class KeyValueCache {
  /** Sequences held. */
  rows = 0;
  /** Room for tokens in each row. */
  slots = 0;
  readonly #shape: CacheShape;
  #arrays: Float32Array[] = [];
  #lengths = new Int32Array(0);

  constructor(shape: CacheShape) {
    this.#shape = shape;
  }

  /** Bytes that one token of one row takes. */
  static bytesPerToken({ layers, keyValueHeads, headDim }: CacheShape): number {
    return 2 * layers * keyValueHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
  }

  /** Empties the cache and makes sure of memory for `rows` sequences of `slots` tokens (untouched, it costs nothing). */
  reserve(rows: number, slots: number): void {
    const { layers, keyValueHeads, headDim } = this.#shape;
    const size = rows * keyValueHeads * slots * headDim;
    this.rows = 0;
    this.slots = 0;
    if (this.#lengths.length < rows) this.#lengths = new Int32Array(rows);
    this.#lengths.fill(0);
    if ((this.#arrays[0]?.length ?? 0) < size)
      this.#arrays = Array.from({ length: 2 * layers }, () => new Float32Array(size));
  }

  /** Gives the memory back. Needed after a failure too: a NaN left in unused slots would spread from there. */
  release(): void {
    this.rows = 0;
    this.slots = 0;
    this.#arrays = [];
  }

  /** Memory taken. */
  get bytes(): number {
    return this.#arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Tokens held in a row. */
  lengthOf(row: number): number {
    return this.#lengths[row]!;
  }

  /** The first `batch` rows of every array as graphs read them. Rows past the active ones hold what was there before. */
  views(batch: number): { blocks: LayerBlocks; lengths: Int32Array } {
    const size = batch * this.#rowSize();
    return {
      blocks: this.#arrays.map((array) => array.subarray(0, size)),
      lengths: this.#lengths.subarray(0, batch),
    };
  }

  /** Changes the room of every row. No row may hold more than `slots` tokens. */
  resize(slots: number): void {
    const { keyValueHeads, headDim } = this.#shape;
    const before = this.slots;
    if (slots === before) return;
    const pieces = this.rows * keyValueHeads;
    // Pieces move apart from the last one on, or together from the first one on, so that none overwrites another.
    for (let step = 0; step < pieces; step++) {
      const piece = slots > before ? pieces - 1 - step : step;
      const from = piece * before * headDim;
      const size = this.#lengths[Math.floor(piece / keyValueHeads)]! * headDim;
      for (const array of this.#arrays) array.copyWithin(piece * slots * headDim, from, from + size);
    }
    this.slots = slots;
  }

  /** Adds a sequence: the first `length` tokens of entry `index` of blocks [entries, heads, blockSlots, headDim]. */
  add(blocks: LayerBlocks, index: number, blockSlots: number, length: number): void {
    const { keyValueHeads, headDim } = this.#shape;
    const row = this.rows++;
    this.#lengths[row] = length;
    for (let head = 0; head < keyValueHeads; head++) {
      const from = (index * keyValueHeads + head) * blockSlots * headDim;
      const to = (row * keyValueHeads + head) * this.slots * headDim;
      blocks.forEach((block, i) => {
        this.#arrays[i]!.set(block.subarray(from, from + length * headDim), to);
      });
    }
  }

  /** Adds a sequence without tokens. */
  addEmpty(): void {
    this.#lengths[this.rows++] = 0;
  }

  /** Appends one token to every active row: blocks [batch, heads · headDim]. */
  append(blocks: LayerBlocks): void {
    const { keyValueHeads, headDim } = this.#shape;
    const pairs = headDim / 2;
    blocks.forEach((block, i) => {
      const from = inPairs(block);
      const to = inPairs(this.#arrays[i]!);
      let source = 0;
      for (let row = 0; row < this.rows; row++)
        for (let head = 0; head < keyValueHeads; head++) {
          let target = ((row * keyValueHeads + head) * this.slots + this.#lengths[row]!) * pairs;
          // Heads are too short for `subarray` and `set` to pay off.
          for (const end = source + pairs; source < end; ) to[target++] = from[source++]!;
        }
    });
    for (let row = 0; row < this.rows; row++) this.#lengths[row]!++;
  }

  /** Takes a sequence out; the last row moves to its place. */
  remove(row: number): void {
    const last = --this.rows;
    if (row !== last) {
      const size = this.#rowSize();
      for (const array of this.#arrays) array.copyWithin(row * size, last * size, (last + 1) * size);
      this.#lengths[row] = this.#lengths[last]!;
    }
    this.#lengths[last] = 0;
  }

  #rowSize(): number {
    return this.#shape.keyValueHeads * this.slots * this.#shape.headDim;
  }
}

/**
 * The same numbers two at a time, to copy them in half the steps. (Only a pair whose second number is NaN might change on
 * the way, and it would stay NaN.)
 */
function inPairs({ buffer, byteOffset, length }: Float32Array): Float64Array {
  return new Float64Array(buffer, byteOffset, length / 2);
}
