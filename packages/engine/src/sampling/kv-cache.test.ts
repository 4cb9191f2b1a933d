import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyValueCache } from "./kv-cache.ts";

const shape = { layers: 2, keyValueHeads: 2, headDim: 4 };
const BLOCKS = 2 * shape.layers;

/** What the cache should hold for one sequence: the id of each token. Elements are derived from ids. */
type Model = number[];

const element = (id: number, block: number, head: number, i: number) =>
  ((id * BLOCKS + block) * shape.keyValueHeads + head) * shape.headDim + i;

/** Blocks [entries, heads, slots, headDim] that hold these tokens, as prefill returns them. */
function blocksOf(entries: readonly Model[], slots: number): Float32Array[] {
  return Array.from({ length: BLOCKS }, (_, block) => {
    const values = new Float32Array(entries.length * shape.keyValueHeads * slots * shape.headDim).fill(-1);
    entries.forEach((ids, entry) => {
      for (let head = 0; head < shape.keyValueHeads; head++)
        ids.forEach((id, slot) => {
          for (let i = 0; i < shape.headDim; i++) {
            const at = ((entry * shape.keyValueHeads + head) * slots + slot) * shape.headDim + i;
            values[at] = element(id, block, head, i);
          }
        });
    });
    return values;
  });
}

function contentsOf(cache: KeyValueCache): Float32Array[][] {
  const { blocks, lengths } = cache.views(cache.rows);
  return Array.from({ length: cache.rows }, (_, row) =>
    blocks.flatMap((block) =>
      Array.from({ length: shape.keyValueHeads }, (_, head) => {
        const start = (row * shape.keyValueHeads + head) * cache.slots * shape.headDim;
        return block.slice(start, start + lengths[row]! * shape.headDim);
      }),
    ),
  );
}

const expectedContents = (rows: readonly Model[]) =>
  rows.map((ids) =>
    Array.from({ length: BLOCKS }, (_, block) => block).flatMap((block) =>
      Array.from({ length: shape.keyValueHeads }, (_, head) =>
        Float32Array.from(
          ids.flatMap((id) => Array.from({ length: shape.headDim }, (_, i) => element(id, block, head, i))),
        ),
      ),
    ),
  );

test("holds what was added through any order of adding, appending, leaving and resizing", () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), length: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant("append" as const) }),
    fc.record({ kind: fc.constant("remove" as const), row: fc.nat() }),
    fc.record({ kind: fc.constant("resize" as const), extra: fc.integer({ min: 0, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const cache = new KeyValueCache(shape);
      cache.reserve(5, 64);
      cache.resize(8);
      const rows: Model[] = [];
      let nextId = 1;
      for (const step of actions) {
        const longest = Math.max(0, ...rows.map((ids) => ids.length));
        if (step.kind === "add" && rows.length < 5) {
          if (cache.slots < step.length) cache.resize(step.length);
          const ids = Array.from({ length: step.length }, () => nextId++);
          cache.add(blocksOf([[0], ids], 7), 1, 7, ids.length);
          rows.push(ids);
        } else if (step.kind === "append" && rows.length > 0) {
          if (longest + 1 > cache.slots) cache.resize(longest + 1);
          for (const ids of rows) ids.push(nextId++);
          // Entries past the active rows are the padding of a batch.
          cache.append(blocksOf([...rows.map((ids) => ids.slice(-1)), [0]], 1));
        } else if (step.kind === "remove" && rows.length > 0) {
          const row = step.row % rows.length;
          cache.remove(row);
          const last = rows.pop()!;
          if (row < rows.length) rows[row] = last;
        } else if (step.kind === "resize") cache.resize(Math.max(1, longest + step.extra));
        expect(contentsOf(cache)).toEqual(expectedContents(rows));
      }
    }),
    { numRuns: 200 },
  );
});

test("rows past the active ones read as empty", () => {
  const cache = new KeyValueCache(shape);
  cache.reserve(4, 8);
  cache.resize(8);
  cache.add(blocksOf([[1, 2]], 2), 0, 2, 2);
  cache.add(blocksOf([[3]], 2), 0, 2, 1);
  cache.remove(0);
  expect([...cache.views(4).lengths]).toEqual([1, 0, 0, 0]);
});
