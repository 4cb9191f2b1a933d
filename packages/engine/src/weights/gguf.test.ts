import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { ModelFileError } from "../errors.ts";
import { openGguf } from "./gguf.ts";
import { ggufConfigJson, ggufWeights } from "./gguf-model.ts";
import { loadModel } from "./load-model.ts";

// Made by test/golden/make-gguf-golden.py: a one-layer Llama written by llama.cpp's own writer, with the original weights.
const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/gguf-tiny-llama.json", import.meta.url), "utf8"),
) as { file: string; weights: Record<string, { shape: number[]; values: string }> };
const tiny = Buffer.from(golden.file, "base64");

const folder = mkdtempSync(join(tmpdir(), "armature-gguf-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(bytes: Uint8Array, name = "model.gguf"): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

/** Magic, version 3, no tensors, one metadata pair whose key and type are followed by `rest`. */
function header(type: number, rest: Uint8Array, tensors = 0n, pairs = 1n): Buffer {
  const start = Buffer.alloc(24);
  start.write("GGUF");
  start.writeUInt32LE(3, 4);
  start.writeBigUInt64LE(tensors, 8);
  start.writeBigUInt64LE(pairs, 16);
  const key = Buffer.alloc(8 + 1 + 4);
  key.writeBigUInt64LE(1n, 0);
  key.write("k", 8);
  key.writeUInt32LE(type, 9);
  return Buffer.concat([start, key, rest]);
}

const uint64 = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

describe("openGguf", () => {
  it("gives every tensor of a Llama under its Hugging Face name, in its shape and row order", () => {
    const file = openGguf(written(tiny));
    const config = ggufConfigJson(file);
    expect(config).toMatchObject({ hidden_size: 16, head_dim: 4, num_key_value_heads: 2, rope_theta: 5000 });
    expect(config).toMatchObject({ tie_word_embeddings: false, eos_token_id: 0 });
    const weights = ggufWeights(file, 4);
    expect([...weights.tensors.keys()].sort()).toEqual(Object.keys(golden.weights).sort());
    for (const [name, { shape, values }] of Object.entries(golden.weights)) {
      expect(weights.tensors.get(name)!.shape, name).toEqual(shape);
      const expected = new Float32Array(new Uint8Array(Buffer.from(values, "base64")).buffer);
      expect(weights.read(name), name).toEqual(expected);
    }
    weights.close();
  });

  it("loads as a model with tokenizer and chat template", () => {
    const { config, tokenizer, chatTemplate, source, weights } = loadModel(written(tiny));
    expect(config).toMatchObject({
      vocabularySize: 12,
      layers: 1,
      intermediateSize: 24,
      tiedEmbeddings: false,
    });
    expect(weights.size).toBe(12);
    // Merges: a+b, Ġ+a, ab+c; each digit by itself; the user mark is user-defined, so not special.
    expect([...tokenizer.encode("abc a11<|user|>")]).toEqual([10, 9, 5, 5, 1]);
    expect(tokenizer.idOf("\ufeff")).toBe(11);
    expect(chatTemplate).toContain("<|user|>");
    expect(source.kind).toBe("gguf");
  });

  it("refuses a file cut short anywhere", () => {
    fc.assert(
      fc.property(fc.nat({ max: tiny.length - 1 }), (length) => {
        expect(() => loadModel(written(tiny.subarray(0, length)))).toThrow(ModelFileError);
      }),
      { numRuns: 150 },
    );
  });

  it("answers every flipped bit with a model or a ModelFileError", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2000 }), fc.nat({ max: 7 }), (position, bit) => {
        const damaged = Buffer.from(tiny);
        damaged[position]! ^= 1 << bit;
        try {
          loadModel(written(damaged));
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFileError);
        }
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ["another file", Buffer.from("PK\u0003\u0004 and so on, long enough"), /does not start with GGUF/],
    ["version 1", Buffer.from("GGUF\u0001\0\0\0\0\0\0\0"), /GGUF version 1; versions 2 and 3/],
    ["an empty file", Buffer.alloc(0), /the magic number reaches to byte 4, but the file has 0 bytes/],
    [
      "a text of 2^63 bytes",
      header(8, uint64(2n ** 63n)),
      /length of k is 9223372036854775808, above the limit/,
    ],
    [
      "a list of 2^40 items",
      header(9, Buffer.concat([Buffer.from([0, 0, 0, 0]), uint64(2n ** 40n)])),
      /length of k/,
    ],
    [
      "a list that claims more than the file holds",
      header(9, Buffer.concat([Buffer.from([4, 0, 0, 0]), uint64(1_000_000n)])),
      /truncated/,
    ],
    ["a value of an unknown type", header(77, Buffer.alloc(8)), /key k has unknown type 77/],
    ["2^60 tensors", header(4, Buffer.alloc(4), 2n ** 60n), /number of tensors/],
    ["2^60 keys", header(4, Buffer.alloc(4), 0n, 2n ** 60n), /number of metadata keys/],
    [
      "lists in lists without end",
      header(
        9,
        Buffer.concat(
          Array.from({ length: 20 }, () => Buffer.concat([Buffer.from([9, 0, 0, 0]), uint64(1n)])),
        ),
      ),
      /nests lists too deeply/,
    ],
  ])("refuses %s", (_, bytes, message) => {
    const path = written(bytes);
    expect(() => openGguf(path)).toThrow(ModelFileError);
    expect(() => openGguf(path)).toThrow(message);
    expect(() => openGguf(path)).toThrow(path);
  });

  it("names the type of a tensor that it cannot decode", () => {
    const damaged = Buffer.from(tiny);
    const at = damaged.indexOf("blk.0.attn_v.weight");
    // After the name: rank, two sizes, then the type.
    damaged.writeUInt32LE(16, at + "blk.0.attn_v.weight".length + 4 + 16);
    expect(() => loadModel(written(damaged))).toThrow(
      /blk.0.attn_v.weight is of ggml type 16; readable are F32, F16/,
    );
  });

  it("refuses another architecture and a tensor without a place", () => {
    const other = Buffer.from(tiny);
    other.write("lamma", other.indexOf("llama"));
    expect(() => loadModel(written(other))).toThrow(/architecture "lamma" cannot be read, only "llama"/);
    const stray = Buffer.from(tiny);
    stray.write("blk.0.attn_w", stray.indexOf("blk.0.attn_v"));
    expect(() => loadModel(written(stray))).toThrow(/blk.0.attn_w.weight has no place/);
  });
});
