import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DataError } from "../errors.ts";
import { readJsonl, readJsonlLines } from "./read-jsonl.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-jsonl-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string | Uint8Array, name = "rows.jsonl"): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function rows(path: string): Promise<[number, unknown][]> {
  const read: [number, unknown][] = [];
  for await (const row of readJsonl(path)) read.push([row.line, row.value]);
  return read;
}

async function failure(path: string): Promise<string> {
  const error: unknown = await rows(path).then(
    () => new Error("nothing was thrown"),
    (thrown) => thrown,
  );
  expect(DataError.isInstance(error)).toBe(true);
  return (error as Error).message.replaceAll(folder, "");
}

describe("readJsonl", () => {
  it("reads rows with their line numbers, past empty lines, a BOM and CRLF", async () => {
    const text = '\uFEFF{"a":1}\r\n\r\n  \n{"a":"é\\n"}';
    expect(await rows(file(text))).toEqual([
      [1, { a: 1 }],
      [4, { a: "é\n" }],
    ]);
  });

  it("tells gzip by its bytes, not by its name, and reads joined gzip members", async () => {
    const joined = Buffer.concat([gzipSync('{"a":1}\n'), gzipSync('{"a":2}\n')]);
    expect(await rows(file(joined, "rows.txt"))).toEqual([
      [1, { a: 1 }],
      [2, { a: 2 }],
    ]);
    expect(await rows(file('{"a":1}', "plain.jsonl.gz"))).toEqual([[1, { a: 1 }]]);
  });

  it("has no rows in an empty file", async () => {
    expect(await rows(file(""))).toEqual([]);
  });

  it("gives back any objects that were written, across chunk borders", async () => {
    const object = fc.dictionary(
      fc.string(),
      fc.oneof(fc.string({ unit: "grapheme" }), fc.double(), fc.boolean()),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(object), fc.boolean(), fc.nat(150_000), async (objects, zip, padding) => {
        const values = [{ padding: "é".repeat(padding) }, ...objects].map((value) =>
          JSON.parse(JSON.stringify(value)),
        );
        const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
        expect(await rows(file(zip ? gzipSync(text) : text))).toEqual(
          values.map((value, i) => [i + 1, value]),
        );
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    [
      "two objects on a line",
      '{"a":1}\n{"a":1} {"a":2}',
      /^\/rows\.jsonl:2: is not JSON \(.*\); write one JSON object a line$/,
    ],
    ["a row cut off", '{"a":1}\n{"a":"tex', /^\/rows\.jsonl:2: is not JSON/],
    [
      "an array on a line",
      '[{"a":1}]',
      /^\/rows\.jsonl:1: holds an array; write one JSON object a line \(jq -c '\.\[\]'/,
    ],
    [
      "an array over lines",
      '[\n{"a":1}\n]',
      /^\/rows\.jsonl:1: is not JSON \(.*\); write each object on a line of its own/,
    ],
    ["a number", "3", /:1: holds a number; /],
    ["null", "\nnull", /:2: holds null; /],
    [
      "Latin-1",
      Buffer.from('{"a":"x"}\n{"a":"\xe9"}', "latin1"),
      /:2: is not UTF-8 text; save the file as UTF-8$/,
    ],
    ["UTF-16", Buffer.from('\uFEFF{"a":1}', "utf16le"), /:1: is not UTF-8 text/],
  ])("stops at %s", async (_, content, message) => {
    expect(await failure(file(content))).toMatch(message);
  });

  it("names the file and the mend where the file cannot be read", async () => {
    expect(await failure(join(folder, "none.jsonl"))).toBe("/none.jsonl: no such file; check the path");
    expect(await failure(folder)).toBe(": is a folder; give a .jsonl or .jsonl.gz file");
  });

  it("reports cut-off and damaged gzip data, never a shorter file", async () => {
    const whole = gzipSync(
      Array.from({ length: 20_000 }, (_, i) => `{"row":${i},"x":"${Math.sin(i)}"}\n`).join(""),
    );
    expect(await failure(file(whole.subarray(0, whole.length - 9)))).toMatch(
      /^\/rows\.jsonl: the gzip data is cut off; copy or download the file again \(\d+ lines were whole\)$/,
    );
    expect(await failure(file(whole.subarray(0, 5)))).toBe(
      "/rows.jsonl: the gzip data is cut off; copy or download the file again",
    );
    const damaged = Buffer.from(whole);
    damaged[whole.length - 8]! ^= 1; // the checksum
    expect(await failure(file(damaged))).toMatch(/the gzip data is damaged/);
  });
});

describe("readJsonlLines", () => {
  it("hands bad lines out as data and goes on", async () => {
    const read = [];
    for await (const line of readJsonlLines(file('{"a":1}\nnot\n{"a":2}'))) read.push([line.line, line.ok]);
    expect(read).toEqual([
      [1, true],
      [2, false],
      [3, true],
    ]);
  });
});
