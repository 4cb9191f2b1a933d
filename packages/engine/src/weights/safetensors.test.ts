import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { ModelFileError } from "../errors.ts";
import { openSafetensors, openShardedSafetensors, writeSafetensors } from "./safetensors.ts";
import type { NamedArray } from "./weight-file.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-safetensors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "model.safetensors");

/** A file with the given header and data. */
function crafted(header: unknown, data = Buffer.alloc(0)): string {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(path, Buffer.concat([prefix, json, data]));
  return path;
}

const tensor = fc.array(fc.nat({ max: 4 }), { maxLength: 3 }).chain((shape) => {
  const length = shape.reduce((product, n) => product * n, 1);
  return fc
    .float32Array({ minLength: length, maxLength: length })
    .map((data): NamedArray => ({ shape, data }));
});
const named = fc.uniqueArray(
  fc.tuple(
    fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__"),
    tensor,
  ),
  { selector: ([name]) => name, maxLength: 6 },
);

describe("writeSafetensors and openSafetensors", () => {
  it("give back every tensor bit for bit, names and metadata included", () => {
    fc.assert(
      fc.property(named, fc.dictionary(fc.string(), fc.string()), (tensors, metadata) => {
        writeSafetensors(path, tensors, metadata);
        const file = openSafetensors(path);
        expect([...file.tensors.keys()].sort()).toEqual(tensors.map(([name]) => name).sort());
        for (const [name, { shape, data }] of tensors) {
          expect(file.tensors.get(name)!.shape).toEqual(shape);
          expect(file.read(name)).toEqual(data);
        }
        for (const [key, value] of Object.entries(metadata)) expect(file.metadata.get(key)).toBe(value);
        file.close();
      }),
      { numRuns: 50 },
    );
  });

  it("read a file of the Python package: F32, F16 and BF16 as floats, integers refused by name", () => {
    // safetensors.torch.save({"whole": F32 [2, 2], "half": F16 [3], "brain": BF16 [2], "ids": I64 [2]})
    const golden = JSON.parse(
      readFileSync(new URL("../../test/golden/safetensors.json", import.meta.url), "utf8"),
    ) as { file: string; values: Record<string, number[]> };
    writeFileSync(path, Buffer.from(golden.file, "base64"));
    const file = openSafetensors(path);
    for (const [name, values] of Object.entries(golden.values)) expect([...file.read(name)]).toEqual(values);
    expect(file.tensors.get("whole")!.shape).toEqual([2, 2]);
    expect(file.metadata.get("made by")).toBe("python");
    expect(() => file.read("ids")).toThrow(/tensor ids is I64, but weights must be F32, F16 or BF16/);
    expect(() => file.read("absent")).toThrow(/has no tensor absent/);
    file.close();
  });

  it("refuses a wrong count of values and a name given twice, and writes nothing", () => {
    rmSync(path, { force: true });
    const data = new Float32Array(3);
    expect(() => writeSafetensors(path, [["a", { shape: [2, 2], data }]])).toThrow(
      /a of shape \[2,2\] has 3 values/,
    );
    const twice = ["a", { shape: [3], data }] as const;
    expect(() => writeSafetensors(path, [twice, twice])).toThrow(/two tensors are named a/);
    expect(existsSync(path)).toBe(false);
  });
});

describe("damaged safetensors files", () => {
  const tensors: [string, NamedArray][] = [
    ["layer.weight", { shape: [3, 2], data: Float32Array.of(1, -2, 3.5, 0, 1e-3, 7) }],
    ["layer.bias", { shape: [2], data: Float32Array.of(1, 2) }],
  ];
  writeSafetensors(path, tensors);
  const intact = readFileSync(path);
  const readAll = () => {
    const file = openSafetensors(path);
    try {
      return [...file.tensors.keys()].map((name) => [name, file.read(name)] as const);
    } finally {
      file.close();
    }
  };

  it("cut short anywhere, or with bytes appended, are refused", () => {
    for (let length = 0; length < intact.length; length++) {
      writeFileSync(path, intact.subarray(0, length));
      expect(readAll).toThrow(ModelFileError);
    }
    writeFileSync(path, Buffer.concat([intact, Buffer.alloc(1)]));
    expect(readAll).toThrow(/1 bytes after its last tensor/);
  });

  it("with a bit of the header flipped are refused or hold other names or metadata", () => {
    const headerEnd = 8 + Number(intact.readBigUInt64LE());
    fc.assert(
      fc.property(fc.nat({ max: headerEnd - 1 }), fc.nat({ max: 7 }), (position, bit) => {
        const damaged = Buffer.from(intact);
        damaged[position]! ^= 1 << bit;
        writeFileSync(path, damaged);
        try {
          const values = readAll().map(([, data]) => data);
          expect(values).toEqual(tensors.map(([, { data }]) => data));
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError);
        }
      }),
      { numRuns: 300 },
    );
  });

  const four = Buffer.alloc(4);
  const f32 = (shape: unknown, offsets: unknown) => ({ dtype: "F32", shape, data_offsets: offsets });
  it.each([
    [
      "a range outside the file",
      { a: f32([2], [0, 8]) },
      four,
      /tensor a: ends at byte \d+, but the file has/,
    ],
    [
      "overlapping ranges",
      { a: f32([1], [0, 4]), b: f32([1], [0, 4]) },
      four,
      /tensor b overlaps the one before/,
    ],
    ["a gap", { a: f32([1], [4, 8]) }, Buffer.alloc(8), /tensor a follows a gap/],
    ["a range of another size", { a: f32([2], [0, 4]) }, four, /F32 \[2\] needs 8 bytes, its range has 4/],
    ["negative sizes", { a: f32([-1, -1], [0, 4]) }, four, /shape \[-1,-1\] must be/],
    ["sizes that overflow", { a: f32([2 ** 40, 2 ** 40], [0, 4]) }, four, /needs .* bytes/],
    ["reversed offsets", { a: f32([1], [4, 0]) }, four, /its range has -4/],
    ["a missing range", { a: { dtype: "F32", shape: [1] } }, four, /data_offsets must be/],
    ["an unknown dtype", { a: { ...f32([1], [0, 4]), dtype: "F31" } }, four, /unknown dtype "F31"/],
    ["a dtype of Object's", { a: { ...f32([1], [0, 4]), dtype: "constructor" } }, four, /unknown dtype/],
    ["a tensor that is no object", { a: 5 }, four, /tensor a: its header entry is not an object/],
    ["a header that is a list", [], four, /must hold a JSON object/],
    ["a header that is no JSON", "{nope}", four, /not valid JSON/],
  ])("%s is refused by name", (_, header, data, message) => {
    crafted(header, data);
    expect(readAll).toThrow(ModelFileError);
    expect(readAll).toThrow(message);
    expect(readAll).toThrow(path);
  });

  it("with a header length of 2^60 are refused without allocating it", () => {
    const bytes = Buffer.alloc(64);
    bytes.writeBigUInt64LE(2n ** 60n);
    writeFileSync(path, bytes);
    expect(readAll).toThrow(/header length 1152921504606846976 is above/);
  });

  it("that are absent or a folder say so", () => {
    expect(() => openSafetensors(join(folder, "none.safetensors"))).toThrow(/no such file/);
    expect(() => openSafetensors(folder)).toThrow(/not a file/);
  });
});

describe("openShardedSafetensors", () => {
  const index = join(folder, "model.safetensors.index.json");
  const map = (weight_map: unknown) => writeFileSync(index, JSON.stringify({ metadata: {}, weight_map }));
  const one = (value: number): NamedArray => ({ shape: [1], data: Float32Array.of(value) });
  const shards = { a: "model-00001-of-00002.safetensors", b: "model-00002-of-00002.safetensors" };
  writeSafetensors(join(folder, shards.a), [["a", one(1)]]);
  writeSafetensors(join(folder, shards.b), [["b", one(2)]]);

  it("reads each tensor from its shard", () => {
    map(shards);
    const file = openShardedSafetensors(index);
    expect([...file.read("a"), ...file.read("b")]).toEqual([1, 2]);
    file.close();
  });

  it.each([
    ["a shard that is absent", { c: "model-00003.safetensors" }, /model-00003.safetensors: no such file/],
    [
      "a tensor in another shard",
      { a: shards.b },
      /lists tensor a in model-00002-of-00002.safetensors, which does not/,
    ],
    [
      "a path that leads elsewhere",
      { a: "../../secret.safetensors" },
      /weight_map\["a"\] must be the name of a file/,
    ],
    ["a file name that is no text", { a: 1 }, /must be the name of a file/],
    ["no map", undefined, /needs a "weight_map"/],
  ])("refuses %s", (_, weightMap, message) => {
    map(weightMap);
    expect(() => openShardedSafetensors(index)).toThrow(ModelFileError);
    expect(() => openShardedSafetensors(index)).toThrow(message);
  });
});
