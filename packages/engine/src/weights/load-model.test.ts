import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configJson } from "../checkpoint/config-json.ts";
import { ModelFileError } from "../errors.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { baseParameters } from "../model/parameters.ts";
import { renderChat } from "../tokenizer/chat-template.ts";
import { createWordTokenizer } from "../tokenizer/word-tokenizer.ts";
import { loadModel } from "./load-model.ts";
import { openModel } from "./open-model.ts";
import { writeSafetensors } from "./safetensors.ts";
import type { NamedArray } from "./weight-file.ts";

const config: ModelConfig = {
  vocabularySize: 4,
  hiddenSize: 4,
  layers: 1,
  heads: 2,
  keyValueHeads: 2,
  headDim: 2,
  intermediateSize: 6,
  ropeTheta: 1000,
  normEpsilon: 1e-5,
  tiedEmbeddings: false,
  maxContextLength: 16,
  eosTokenIds: [1],
};
const arrays = new Map<string, NamedArray>(
  baseParameters(config).map(({ name, shape }, n) => {
    const size = shape.reduce((product, d) => product * d, 1);
    return [name, { shape, data: Float32Array.from({ length: size }, (_, i) => n + i / 64) }];
  }),
);
const tokenizer = createWordTokenizer(["<eos>", "<end-of-turn>", "a", "b"], { eos: "<eos>" });

let folder: string;
const write = (name: string, json: unknown) => writeFileSync(join(folder, name), JSON.stringify(json));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-model-"));
  write("config.json", configJson(config));
  write("tokenizer.json", tokenizer.files.tokenizerJson);
  write("tokenizer_config.json", { ...tokenizer.files.tokenizerConfig, chat_template: "inline" });
  writeSafetensors(join(folder, "model.safetensors"), arrays);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("loadModel of a Hugging Face folder", () => {
  it("gives configuration, weights, tokenizer, chat template and every end token", () => {
    write("generation_config.json", { eos_token_id: [3] });
    const model = loadModel(folder);
    expect(model.config).toEqual({ ...config, eosTokenIds: [1, 3, 0] });
    expect(model.weights).toEqual(new Map([...arrays].map(([name, { data }]) => [name, data])));
    expect([...model.tokenizer.encode("b a")]).toEqual([3, 2]);
    expect(model.chatTemplate).toBe("inline");
    expect(model.source).toEqual({ kind: "folder", path: folder });
  });

  it("reads shards, and takes a template file before the inline one", () => {
    const entries = [...arrays];
    rmSync(join(folder, "model.safetensors"));
    writeSafetensors(join(folder, "one.safetensors"), entries.slice(0, 5));
    writeSafetensors(join(folder, "two.safetensors"), entries.slice(5));
    const shard = (i: number) => (i < 5 ? "one.safetensors" : "two.safetensors");
    const weight_map = Object.fromEntries(entries.map(([name], i) => [name, shard(i)]));
    write("model.safetensors.index.json", { metadata: { total_size: 0 }, weight_map });
    writeFileSync(join(folder, "chat_template.jinja"), "{{ messages[0].content }}!");
    const model = loadModel(folder);
    expect(model.weights.get("lm_head.weight")).toEqual(arrays.get("lm_head.weight")!.data);
    expect(renderChat(model.chatTemplate!, [{ role: "user", content: "hi" }])).toBe("hi!");
  });

  it.each(["config.json", "tokenizer.json", "model.safetensors"])("says that %s is missing", (name) => {
    rmSync(join(folder, name));
    expect(() => loadModel(folder)).toThrow(ModelFileError);
    expect(() => loadModel(folder)).toThrow(new RegExp(`: has (no|neither) ${name}`));
  });

  it("points from a folder to the GGUF file in it, and from a pickle to safetensors", () => {
    writeFileSync(join(folder, "pytorch_model.bin"), "");
    rmSync(join(folder, "model.safetensors"));
    expect(() => loadModel(folder)).toThrow(/convert its pytorch_model.bin to safetensors/);
    writeFileSync(join(folder, "model.gguf"), "");
    rmSync(join(folder, "config.json"));
    expect(() => loadModel(folder)).toThrow(/for model.gguf give the path of that file/);
  });

  const damaged = (change: (copy: Map<string, NamedArray>) => void) => {
    const copy = new Map(arrays);
    change(copy);
    writeSafetensors(join(folder, "model.safetensors"), copy);
  };
  const norm = "model.norm.weight";

  it("refuses missing, misshapen and non-finite weights by name", () => {
    damaged((copy) => copy.delete(norm));
    expect(() => loadModel(folder)).toThrow(/tensor model.norm.weight is missing/);
    damaged((copy) => copy.set(norm, { shape: [2], data: new Float32Array(2) }));
    expect(() => loadModel(folder)).toThrow(
      /tensor model.norm.weight is \[2\], the configuration asks for \[4\]/,
    );
    for (const odd of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      damaged((copy) => copy.set(norm, { shape: [4], data: Float32Array.of(1, 2, odd, 3) }));
      expect(() => loadModel(folder)).toThrow(`tensor model.norm.weight holds ${odd} at position 2`);
    }
  });

  it("refuses a configuration of a billion layers without listing them", () => {
    write("config.json", { ...configJson(config), num_hidden_layers: 1e9 });
    expect(() => loadModel(folder)).toThrow(/has 12 tensors, too few for the 1000000000 layers/);
  });

  it("refuses a tokenizer with more tokens than the model", () => {
    write("tokenizer.json", createWordTokenizer(["<eos>", "a", "b", "c", "d"]).files.tokenizerJson);
    expect(() => loadModel(folder)).toThrow(/the tokenizer has 5 tokens, the model only 4/);
  });

  it("refuses JSON that is cut short", () => {
    writeFileSync(join(folder, "config.json"), '{"model_type": "llama", ');
    expect(() => loadModel(folder)).toThrow(/config.json: not valid JSON/);
  });
});

describe("loadModel of other paths", () => {
  it("says what it takes", () => {
    expect(() => loadModel(join(folder, "none"))).toThrow(
      /none: no such model; give a Hugging Face folder, a .gguf file/,
    );
    expect(() => loadModel(join(folder, "config.json"))).toThrow(/config.json: not a model that can be read/);
  });
});

const smollm2 = process.env["ARMATURE_SMOLLM2_GGUF"];
if (!smollm2)
  process.stdout.write(
    "skipped: set ARMATURE_SMOLLM2_GGUF to SmolLM2-135M-Instruct.Q4_1.gguf to check real weights\n",
  );

interface Smollm2Golden {
  tokens: { text: string; ids: number[] }[];
  conversation: { role: string; content: string }[];
  rendered: string;
  weights: Record<string, { shape: number[]; at: number[]; values: number[]; absoluteMean: number }>;
}

describe.skipIf(!smollm2)("SmolLM2-135M-Instruct as GGUF (Q4_1)", () => {
  // Made by test/golden/make-smollm2-golden.py with transformers.
  const golden = JSON.parse(
    readFileSync(new URL("../../test/golden/smollm2.json", import.meta.url), "utf8"),
  ) as Smollm2Golden;
  const model = smollm2 ? openModel(smollm2) : undefined;

  it("has the configuration of the model card", () => {
    expect(model!.config).toMatchObject({
      layers: 30,
      hiddenSize: 576,
      heads: 9,
      keyValueHeads: 3,
      headDim: 64,
    });
    expect(model!.config).toMatchObject({ vocabularySize: 49152, ropeTheta: 100_000, tiedEmbeddings: true });
    expect(model!.config.eosTokenIds).toEqual([2]);
  });

  it("tokenizes odd texts as the reference does, and back", () => {
    for (const { text, ids } of golden.tokens) {
      expect([...model!.tokenizer.encode(text)], text).toEqual(ids);
      expect(model!.tokenizer.decode(ids)).toBe(text);
    }
  });

  it("renders a conversation as transformers does", () => {
    const rendered = renderChat(model!.chatTemplate!, golden.conversation, { addGenerationPrompt: true });
    expect(rendered).toBe(golden.rendered);
  });

  it("dequantises to transformers' values, in its row order, and all are finite", () => {
    const { weights } = loadModel(smollm2!);
    expect([...weights.values()].reduce((sum, { length }) => sum + length, 0)).toBe(134_515_008);
    expect(Object.keys(golden.weights).length).toBeGreaterThan(15);
    for (const [name, { at, values, absoluteMean }] of Object.entries(golden.weights)) {
      const ours = weights.get(name)!;
      at.forEach((place, i) => {
        expect(ours[place], `${name}[${place}]`).toBe(values[i]);
      });
      const mean = ours.reduce((sum, value) => sum + Math.abs(value), 0) / ours.length;
      expect(Math.abs(mean / absoluteMean - 1), name).toBeLessThan(1e-9);
    }
  });
});
