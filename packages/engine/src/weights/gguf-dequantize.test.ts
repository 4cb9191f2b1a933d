import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GGUF_FORMATS } from "./gguf-dequantize.ts";

interface Golden {
  type: number;
  name: string;
  blocks: string;
  values: string;
}

// Made by test/golden/make-gguf-golden.py with llama.cpp's Python package gguf.
const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/gguf-dequantize.json", import.meta.url), "utf8"),
) as Golden[];

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

describe("GGUF tensor types", () => {
  it("are all in the golden file", () => {
    expect(golden.map(({ type }) => type).sort()).toEqual([...GGUF_FORMATS.keys()].sort());
  });

  it.each(golden)("$name equals the reference bit for bit", ({ type, name, blocks, values }) => {
    const { format, name: ours } = GGUF_FORMATS.get(type)!;
    const expected = new Float32Array(bytesOf(values).buffer);
    const actual = new Float32Array(expected.length);
    format.decode(bytesOf(blocks), actual);
    expect(ours).toBe(name);
    expect(new Uint32Array(actual.buffer)).toEqual(new Uint32Array(expected.buffer));
  });
});
