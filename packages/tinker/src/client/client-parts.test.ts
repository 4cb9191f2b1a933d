import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { tarBytes } from "../../test/tar-bytes.ts";
import { completionDatum, type Datum, floats, integers, textInput } from "../index.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { datumChunks } from "./datum-chunks.ts";
import { mergeResults } from "./merge-results.ts";
import { RequestJournal, readJournal } from "./request-journal.ts";
import { refuseWrong, unknownProfile, withStatedThresholds } from "./server-profile.ts";
import { tarFiles } from "./tar-reader.ts";
import { Turns } from "./turns.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-client-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("datumChunks", () => {
  // 4 bytes a token, 8 a target, 4 a weight: 16 a position.
  const datum = (length: number) => ({
    modelInput: textInput(new Int32Array(length)),
    lossInputs: {
      target_tokens: integers(new Int32Array(length)),
      weights: floats(new Float32Array(length)),
    },
  });

  it("keeps all datums in order, within both bounds, in as few runs as a greedy cut gives", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 9 })),
        fc.integer({ min: 1, max: 4 }),
        (lengths, datums) => {
          const data = lengths.map(datum);
          const bytes = 16 * 12;
          const chunks = datumChunks(data, { datums, bytes });
          expect(chunks.flat()).toEqual(data);
          const size = (chunk: readonly Datum[]) =>
            chunk.reduce((sum, { lossInputs }) => sum + 16 * lossInputs.target_tokens.data.length, 0);
          for (const [i, chunk] of chunks.entries()) {
            expect(chunk.length).toBeLessThanOrEqual(datums);
            expect(size(chunk)).toBeLessThanOrEqual(bytes);
            const next = chunks[i + 1]?.[0];
            if (next) expect(chunk.length === datums || size([...chunk, next]) > bytes).toBe(true);
          }
        },
      ),
    );
  });

  it("sends a datum that is too large alone", () => {
    const data = [datum(1), datum(100), datum(1)];
    expect(datumChunks(data, { datums: 10, bytes: 100 }).map(({ length }) => length)).toEqual([1, 1, 1]);
  });
});

describe("mergeResults", () => {
  const chunk = (metrics: Record<string, number>, datums: number) => ({
    output: {
      loss_fn_output_type: "ArrayRecord",
      loss_fn_outputs: Array.from({ length: datums }, (_, i) => ({ logprobs: floats([datums * 10 + i]) })),
      metrics,
    },
    datums,
  });

  it("reduces metrics by the suffix of their names, mean and slack weighted by datums", () => {
    const one = {
      "a:sum": 1,
      "a:mean": 2,
      "a:min": 3,
      "a:max": 4,
      "a:slack": 1,
      "a:unique": 7,
      "b:what": 1,
      c: 1,
      "d:sum": 1,
    };
    const other = {
      "a:sum": 10,
      "a:mean": 8,
      "a:min": 1,
      "a:max": 2,
      "a:slack": 4,
      "a:unique": 9,
      "b:what": 1,
      c: 2,
    };
    const { metrics, logprobs } = mergeResults([chunk(one, 1), chunk(other, 2)]);
    // mean (2 + 2·8) / 3 = 6; slack max 4 − mean (1 + 2·4) / 3 = 1.
    expect(metrics).toEqual({
      "a:sum": 11,
      "a:mean": 6,
      "a:min": 1,
      "a:max": 4,
      "a:slack": 1,
      "a:unique": 7,
      "a:unique_1": 9,
    });
    expect(logprobs.map((row) => [...row])).toEqual([[10], [20], [21]]);
  });

  it("leaves the metrics of a single request as they are", () => {
    expect(mergeResults([chunk({ odd: 1, "x:y:z": 2 }, 1)]).metrics).toEqual({ odd: 1, "x:y:z": 2 });
  });

  it("refuses results that do not match the datums", () => {
    expect(() => mergeResults([{ ...chunk({}, 2), datums: 3 }])).toThrow("returns 2 results for 3 datums");
  });
});

describe("what a server is asked", () => {
  const known = { ...unknownProfile("x"), evidence: "probed" as const };
  const data = [completionDatum([1], [2, 3], { weights: [1, -1] })];
  const CE = { name: "cross_entropy" } as const;

  it("is refused where it has no such loss, and lets pass where nothing is known", () => {
    const profile = { ...known, losses: ["cross_entropy" as const] };
    expect(() => refuseWrong(profile, [], { name: "cispo" }, 1)).toThrow(
      "x would compute this wrongly: it has no loss cispo",
    );
    expect(() => refuseWrong(unknownProfile("x"), data, CE, 3)).not.toThrow();
  });

  it("goes with thresholds that are spelled out", () => {
    expect(withStatedThresholds({ name: "cispo", config: { clip_high_threshold: 4 } })).toEqual({
      name: "cispo",
      config: { clip_low_threshold: 0.8, clip_high_threshold: 4 },
    });
    expect(withStatedThresholds(CE)).toEqual(CE);
  });
});

describe("RequestJournal", () => {
  it("tells after a crash which requests are out and which step was applied last", () => {
    const path = join(folder, "journal.jsonl");
    const journal = new RequestJournal(path);
    const submitted = (seqId: number, type: string) =>
      journal.note({ event: "submitted", model: "m", seqId, type, requestId: `r${seqId}` });
    for (const [seqId, type] of [
      [1, "ForwardBackward"],
      [2, "OptimStep"],
      [3, "ForwardBackward"],
      [4, "OptimStep"],
    ] as const)
      submitted(seqId, type);
    journal.note({ event: "done", model: "m", seqId: 1, type: "ForwardBackward" });
    journal.note({ event: "done", model: "m", seqId: 2, type: "OptimStep" });
    journal.note({ event: "failed", model: "m", seqId: 3, type: "ForwardBackward" });
    // The kill came in the middle of a line.
    appendFileSync(path, '{"event":"done","model":"m"');
    const { outstanding, models } = readJournal(path);
    expect(outstanding).toEqual([{ model: "m", seqId: 4, type: "OptimStep", requestId: "r4" }]);
    expect(models.get("m")).toEqual({ steps: 1, lastDone: 2 });
  });

  it("is empty where there is none, and refused where it is damaged", () => {
    expect(readJournal(join(folder, "none")).outstanding).toEqual([]);
    const path = join(folder, "damaged.jsonl");
    appendFileSync(path, '{"event":"submitted"}\n');
    expect(() => readJournal(path)).toThrow("damaged.jsonl:1: is no line of a journal");
  });
});

describe("tarFiles", () => {
  const parts = async function* (bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };

  it("gives names and contents, whatever the parts of the stream", async () => {
    const contents = new Map([
      ["a.json", "{}"],
      ["sub/b.bin", "x".repeat(1500)],
      ["empty", ""],
    ]);
    const bytes = tarBytes([
      { name: "sub/", type: "5" },
      ...[...contents].map(([name, data]) => ({ name: name === "a.json" ? "./a.json" : name, data })),
    ]);
    for (const size of [1, 100, 512, 5000]) {
      const found = new Map<string, string>();
      for await (const { path, content } of tarFiles(parts(bytes, size))) {
        const read: Uint8Array[] = [];
        for await (const part of content) read.push(part);
        found.set(path, Buffer.concat(read).toString());
      }
      expect(found).toEqual(contents);
    }
  });

  it("reads the long names of pax", async () => {
    const long = `${"d".repeat(120)}/file`;
    const record = ` path=${long}\n`;
    const bytes = tarBytes([
      { name: "pax", type: "x", data: `${record.length + 3}${record}` },
      { name: "short", data: "1" },
    ]);
    const names: string[] = [];
    for await (const { path } of tarFiles(parts(bytes, 512))) names.push(path);
    expect(names).toEqual([long]);
  });
});

describe("Turns and ConcurrencyLimit", () => {
  it("take works in the order of the calls, also after one that fails", async () => {
    const turns = new Turns();
    const order: number[] = [];
    const works = [3, 1, 2].map((ms, i) =>
      turns.take(async () => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        order.push(i);
        if (i === 0) throw new Error("no");
      }),
    );
    await Promise.allSettled(works);
    expect(order).toEqual([0, 1, 2]);
  });

  it("let no more works run than allowed, and all in the end", async () => {
    const limit = new ConcurrencyLimit(3);
    let [running, most, done] = [0, 0, 0];
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        limit.run(async () => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, i % 3));
          running--;
          done++;
        }),
      ),
    );
    expect([most, done]).toEqual([3, 20]);
  });
});
