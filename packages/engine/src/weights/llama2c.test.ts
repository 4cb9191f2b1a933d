import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { ModelFileError } from "../errors.ts";
import { openLlama2c } from "./llama2c.ts";
import { loadModel } from "./load-model.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-llama2c-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A checkpoint whose values count up from 0: dim 8, hidden 12, 2 layers, 2 heads (1 for keys), 5 tokens, context 6. */
function checkpoint(header = [8, 12, 2, 2, 1, 5, 6], extraValues = 0): string {
  const [dim, hidden, layers, , , vocabulary, context] = header.map(Math.abs) as number[];
  const perLayer = 2 * dim! + 2 * dim! * dim! + 2 * 4 * dim! + 3 * hidden! * dim!;
  const head = header[5]! < 0 ? vocabulary! * dim! : 0;
  const count = vocabulary! * dim! + layers! * perLayer + dim! + context! * 4 + head + extraValues;
  const path = join(folder, "model.bin");
  const values = Float32Array.from({ length: count }, (_, i) => i);
  writeFileSync(
    path,
    Buffer.concat([Buffer.from(Int32Array.from(header).buffer), Buffer.from(values.buffer)]),
  );
  return path;
}

describe("openLlama2c", () => {
  it("places each tensor of each layer", () => {
    const { configJson, weights } = openLlama2c(checkpoint());
    expect(configJson).toMatchObject({ num_key_value_heads: 1, vocab_size: 5, tie_word_embeddings: true });
    expect(weights.read("model.embed_tokens.weight")[39]).toBe(39);
    // 40 embeddings, then two norms of 8.
    expect(weights.read("model.layers.1.input_layernorm.weight")[0]).toBe(48);
    // Query rows of head 0 are 0 2 | 1 3 in Hugging Face's order; the matrix begins at 56.
    const queries = weights.read("model.layers.0.self_attn.q_proj.weight");
    expect([0, 1, 2, 3, 4].map((row) => (queries[8 * row]! - 56) / 8)).toEqual([0, 2, 1, 3, 4]);
    // q: 56..183, k: 184..247, v from 248 on: untouched order.
    const values = weights.read("model.layers.0.self_attn.v_proj.weight");
    expect([...values]).toEqual(Array.from({ length: 32 }, (_, i) => 248 + i));
    expect(weights.tensors.get("model.layers.1.mlp.down_proj.weight")!.shape).toEqual([8, 12]);
    expect(weights.tensors.has("lm_head.weight")).toBe(false);
    weights.close();
  });

  it("reads a head of its own where the vocabulary is negative", () => {
    const { configJson, weights } = openLlama2c(checkpoint([8, 12, 2, 2, 1, -5, 6]));
    expect(configJson).toMatchObject({ vocab_size: 5, tie_word_embeddings: false });
    expect(weights.tensors.get("lm_head.weight")!.shape).toEqual([5, 8]);
    const head = weights.read("lm_head.weight");
    const total = weights.read("model.norm.weight")[7]! + 1 + 2 * 6 * 2;
    expect(head[0]).toBe(total);
    weights.close();
  });

  it.each([
    ["a wrong size", () => checkpoint(undefined, 1), /bytes where its header needs/],
    [
      "heads that do not divide",
      () => checkpoint([8, 12, 2, 3, 1, 5, 6]),
      /header \[8, 12, 2, 3, 1, 5, 6\] is not that/,
    ],
    ["no layers", () => checkpoint([8, 12, 0, 2, 1, 5, 6]), /is not that of a llama2.c version 0/],
  ])("refuses %s", (_, path, message) => {
    const file = path();
    expect(() => openLlama2c(file)).toThrow(ModelFileError);
    expect(() => openLlama2c(file)).toThrow(message);
  });

  it("needs the tokenizer beside it, and the right one", () => {
    const path = checkpoint();
    expect(() => loadModel(path)).toThrow(/needs its tokenizer beside it, named tok5.bin or tokenizer.bin/);
    const piece = (text: string) => {
      const bytes = Buffer.alloc(8 + text.length);
      bytes.writeInt32LE(text.length, 4);
      bytes.write(text, 8);
      return bytes;
    };
    const tokenizer = (count: number) =>
      Buffer.concat([Buffer.alloc(4), ...Array.from({ length: count }, (_, i) => piece(`piece ${i}`))]);
    writeFileSync(join(folder, "tokenizer.bin"), tokenizer(4));
    expect(() => loadModel(path)).toThrow(/tokenizer.bin: ends within token 4 of 5/);
    writeFileSync(join(folder, "tokenizer.bin"), tokenizer(6));
    expect(() => loadModel(path)).toThrow(/tokenizer.bin: holds more than the model's 5 tokens/);
    writeFileSync(join(folder, "tokenizer.bin"), tokenizer(5));
    expect(loadModel(path).tokenizer.idOf("piece▁4")).toBe(4);
  });
});

const stories = fileURLToPath(
  new URL("../../../../../shared/data/models/stories260K/stories260K.bin", import.meta.url),
);
if (!existsSync(stories)) process.stdout.write("skipped: stories260K is not in ../shared/data/models\n");

describe.skipIf(!existsSync(stories))("stories260K", () => {
  const { config, tokenizer, weights } = existsSync(stories) ? loadModel(stories) : ({} as never);

  it("has 260,032 finite values", () => {
    expect(config).toMatchObject({ hiddenSize: 64, layers: 5, heads: 8, keyValueHeads: 4, headDim: 8 });
    const all = [...weights.values()];
    expect(all.reduce((sum, { length }) => sum + length, 0)).toBe(260_032);
  });

  it("ends a text with the begin token, at which run.c stops", () => {
    expect(tokenizer.eosTokenIds).toEqual([1]);
    expect(config.eosTokenIds).toEqual([1, 2]);
  });

  // Made by test/golden/make-llama2c-golden.py, a port of run.c's own loop.
  const golden = JSON.parse(
    readFileSync(new URL("../../test/golden/llama2c-tokens.json", import.meta.url), "utf8"),
  ) as { text: string; ids: number[] }[];

  it.each(golden)("tokenizes $text as run.c does", ({ text, ids }) => {
    expect([...tokenizer.encode(text, { specialTokens: true })]).toEqual(ids);
    // The library's byte decoder drops a byte order mark that begins a run of raw bytes.
    const decoded = tokenizer.decode(ids, { skipSpecial: true });
    expect(decoded).toBe(text.replaceAll("\ufeff", ""));
  });
});
