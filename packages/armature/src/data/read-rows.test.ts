import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, DataError } from "../errors.ts";
import { readPreferencePairs } from "./preference-pairs.ts";
import { readRowLines, readRows } from "./read-rows.ts";
import { writeRows } from "./write-rows.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-rows-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function rows(path: string): Promise<[number, unknown][]> {
  const read: [number, unknown][] = [];
  for await (const row of readRows(path)) read.push([row.line, row.value]);
  return read;
}

describe("readRows", () => {
  it.each([
    ["lines", "a.jsonl", '{"a":1}\n\n{"a":2}', [1, 3]],
    ["lines under the name of a document", "a.json", '{"a":1}\n{"a":2}\n', [1, 2]],
    ["a list", "b.json", '\uFEFF [{"a":1},\n {"a":2}]', [1, 2]],
    ["a list under the name of lines", "b.jsonl", '[{"a":1},{"a":2}]', [1, 2]],
    ["a gzipped list", "b.json.gz", gzipSync('[\n{"a":1},{"a":2}]'), [1, 2]],
    ["a YAML list", "c.yaml", "# two\n- a: 1\n\n- a: 2\n", [2, 4]],
    ["YAML documents", "d.yml", "a: 1\n---\na: 2\n", [1, 3]],
    [
      "parquet",
      "e.parquet",
      new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "a", data: [1n, 2n], type: "INT64" }] })),
      [1, 2],
    ],
    [
      "parquet with brotli, by its content",
      "e.data",
      new Uint8Array(
        parquetWriteBuffer({
          columnData: [{ name: "a", data: [1, 2], type: "INT32" }],
          codec: "BROTLI",
          compressors: { BROTLI: (bytes) => brotliCompressSync(bytes) },
        }),
      ),
      [1, 2],
    ],
  ])("reads %s", async (_, name, content, lines) => {
    expect(await rows(file(name, content))).toEqual(lines.map((line, i) => [line, { a: i + 1 }]));
  });

  it("takes one object as one row", async () => {
    expect(await rows(file("one.json", '{\n "a": [1],\n "b": 2\n}'))).toEqual([[1, { a: [1], b: 2 }]]);
    expect(await rows(file("one.yaml", "a: [1]\nb: 2"))).toEqual([[1, { a: [1], b: 2 }]]);
    expect(await rows(file("one.toml", "a = [1]\nb = 2"))).toEqual([[1, { a: [1], b: 2 }]]);
  });

  it("gives row groups one after the other, with integers as numbers where these can hold them", async () => {
    const data = [1n, 2n, 3n, 2n ** 60n];
    const bytes = parquetWriteBuffer({ columnData: [{ name: "n", data, type: "INT64" }], rowGroupSize: 3 });
    expect(await rows(file("groups.parquet", new Uint8Array(bytes)))).toEqual([
      [1, { n: 1 }],
      [2, { n: 2 }],
      [3, { n: 3 }],
      [4, { n: "1152921504606846976" }],
    ]);
  });

  it.each(["snappy", "gzip", "brotli", "zstd"])(
    "reads nested columns that pyarrow wrote with %s",
    async (codec) => {
      const golden = new URL(`../../test/golden/rubric-rows.${codec}.parquet`, import.meta.url);
      // Two row groups of one row; the values are those of make_rubric_tables.py.
      expect(await rows(fileURLToPath(golden))).toEqual([
        [
          1,
          {
            question: "Why is the sky blue?",
            reference_answer: "Rayleigh scattering",
            rubric: [
              { title: "Names it", description: "Essential Criteria: Names Rayleigh scattering.", weight: 5 },
              { title: "No dust", description: "Pitfall Criteria: Avoids blaming dust.", weight: -1 },
            ],
            rubric_list: ["Names it", "No dust"],
            rubric_count: 2,
            share: 0.25,
            made: "2026-01-02T03:04:05.000Z",
            note: null,
          },
        ],
        [
          2,
          {
            question: "中文 é",
            reference_answer: null,
            rubric: [{ title: "Short", description: "Is short", weight: 1 }],
            rubric_list: [],
            rubric_count: "1152921504606846976",
            share: null,
            made: null,
            note: "n",
          },
        ],
      ]);
    },
  );

  it("names a codec that it lacks, and the mend", async () => {
    const golden = new URL("../../test/golden/rubric-rows.lz4.parquet", import.meta.url);
    await expect(rows(fileURLToPath(golden))).rejects.toThrow(
      /unsupported compression codec: LZ4_RAW\); write it again with snappy compression$/,
    );
  });

  it.each([
    ["bad.json", "[1, 2", /^\/bad\.json: is not JSON \(.*\); mend it, or write one JSON object a line$/],
    ["bad.yaml", "a: 1\nb: [", /^\/bad\.yaml:2: is not YAML \(.*\); mend the line$/],
    ["bad.toml", "a = 1\nb = [", /^\/bad\.toml:2: is not TOML \(.*\); mend the line$/],
    ["list.json", '[{"a":1},[2]]', /^\/list\.json:2: holds a list; a row is an object of fields$/],
    ["text.yaml", "just words", /^\/text\.yaml:1: holds a string; /],
    ["latin.json", Buffer.from('["\xe9"]', "latin1"), /^\/latin\.json: is not UTF-8 text; /],
    ["cut.parquet", "PAR1PAR1", /^\/cut\.parquet: is no readable parquet file \(.*\); /],
    ["cut.json.gz", gzipSync('[{"a":1}]').subarray(0, 15), /^\/cut\.json\.gz: the gzip data is cut off; /],
  ])("says what is wrong with %s", async (name, content, message) => {
    const error: unknown = await rows(file(name, content)).catch((thrown) => thrown);
    expect(DataError.isInstance(error)).toBe(true);
    expect((error as Error).message.replace(folder, "")).toMatch(message);
  });

  it("names a missing file and a folder", async () => {
    await expect(rows(join(folder, "none.parquet"))).rejects.toThrow(/none\.parquet: no such file; check/);
    await expect(rows(folder)).rejects.toThrow(/is a folder; /);
  });

  it("hands bad rows out as data where that is asked for", async () => {
    const read = [];
    for await (const row of readRowLines(file("mixed.json", '[{"a":1}, 3, {"a":2}]'))) read.push(row.ok);
    expect(read).toEqual([true, false, true]);
  });

  it("lets preference pairs come from parquet", async () => {
    const path = join(folder, "pairs.parquet");
    await writeRows(path, [{ prompt: [{ role: "user", content: "Q" }], chosen: "good", rejected: "bad" }]);
    const { pairs } = await readPreferencePairs([path]);
    expect(pairs).toMatchObject([{ chosen: "good", rejected: "bad", source: { file: path, line: 1 } }]);
  });
});

describe("writeRows", () => {
  const value = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string()),
    fc.dictionary(fc.string(), fc.integer()),
  );
  const table = fc
    .uniqueArray(fc.string({ unit: "grapheme-ascii", minLength: 1 }), { minLength: 1, maxLength: 4 })
    .chain((names) =>
      fc.array(fc.record(Object.fromEntries(names.map((name) => [name, value]))), { minLength: 1 }),
    );

  it.each(["t.jsonl", "t.jsonl.gz", "t.json", "t.json.gz", "t.yaml", "t.parquet"])(
    "%s is read back as it was",
    async (name) => {
      await fc.assert(
        fc.asyncProperty(table, async (written) => {
          const plain = JSON.parse(JSON.stringify(written)) as Record<string, unknown>[];
          const path = join(folder, name);
          await writeRows(path, plain);
          expect((await rows(path)).map(([, row]) => row)).toEqual(plain);
        }),
        { numRuns: 30 },
      );
    },
  );

  it("fills what a row lacks with null in parquet", async () => {
    const path = join(folder, "lacks.parquet");
    await writeRows(path, [{ a: "x" }, { b: [1, { c: 2 }] }]);
    expect((await rows(path)).map(([, row]) => row)).toEqual([
      { a: "x", b: null },
      { a: null, b: [1, { c: 2 }] },
    ]);
  });

  it("refuses a name that tells no format", async () => {
    const error: unknown = await writeRows(join(folder, "t.xlsx"), []).catch((thrown) => thrown);
    expect(ConfigError.isInstance(error)).toBe(true);
  });
});
