import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ModelFileError } from "../errors.ts";
import { loraParameters } from "../model/lora.ts";
import { readModelConfig } from "../model/model-config.ts";
import { readPeftAdapter, writePeftAdapter } from "./peft-adapter.ts";

// Made by test/golden/make-peft-golden.py with the Python package peft.
const golden = JSON.parse(
  readFileSync(new URL("../../test/golden/peft-adapter.json", import.meta.url), "utf8"),
) as {
  files: Record<string, string>;
  parameters: Record<string, { shape: number[]; values: number[] }>;
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-peft-"));
  for (const [name, base64] of Object.entries(golden.files))
    writeFileSync(join(folder, name), Buffer.from(base64, "base64"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function editConfig(change: Record<string, unknown>): void {
  const path = join(folder, "adapter_config.json");
  const config = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...config, ...change }));
}

describe("readPeftAdapter", () => {
  it("reads an adapter that peft saved", () => {
    const { settings, parameters } = readPeftAdapter(folder);
    expect(settings).toMatchObject({ rank: 3, alpha: 6 });
    expect([...parameters.keys()].sort()).toEqual(Object.keys(golden.parameters).sort());
    for (const [name, { shape, values }] of Object.entries(golden.parameters)) {
      expect(parameters.get(name)!.shape).toEqual(shape);
      expect([...parameters.get(name)!.data]).toEqual(values);
    }
  });

  it("finds the names and shapes that the engine gives its own adapters", () => {
    const config = readModelConfig(
      {
        ...{
          model_type: "llama",
          vocab_size: 10,
          hidden_size: 8,
          intermediate_size: 12,
          num_hidden_layers: 1,
        },
        ...{ num_attention_heads: 2, num_key_value_heads: 1, max_position_embeddings: 32 },
      },
      "test",
    );
    const all = loraParameters(config, {
      rank: 3,
      alpha: 6,
      attention: true,
      mlp: true,
      head: true,
      seed: 0,
    });
    const shapes = new Map(all.map(({ name, shape }) => [name, shape]));
    for (const [name, { shape }] of readPeftAdapter(folder).parameters)
      expect(shapes.get(name)).toEqual(shape);
  });

  it.each([
    ["another kind of adapter", { peft_type: "LOHA" }, /peft_type "LOHA" is not supported, only "LORA"/],
    ["rank-stabilised scaling", { use_rslora: true }, /use_rslora true is not supported/],
    ["ranks by layer", { rank_pattern: { q_proj: 2 } }, /rank_pattern/],
    ["whole modules", { modules_to_save: ["lm_head"] }, /modules_to_save/],
    ["another rank than the matrices", { r: 4 }, /is \[\d+, \d+\], which does not fit rank 4/],
    ["no rank", { r: "many" }, /r must be a positive integer, is "many"/],
    ["no alpha", { lora_alpha: null }, /lora_alpha must be a number, is null/],
  ])("refuses %s", (_, change, message) => {
    editConfig(change);
    expect(() => readPeftAdapter(folder)).toThrow(ModelFileError);
    expect(() => readPeftAdapter(folder)).toThrow(message);
  });
});

describe("writePeftAdapter", () => {
  it("writes what it reads, with the modules named", () => {
    const adapter = readPeftAdapter(folder);
    writePeftAdapter(folder, adapter);
    expect(readPeftAdapter(folder)).toEqual(adapter);
    const config = JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"));
    expect(config).toMatchObject({ peft_type: "LORA", r: 3, lora_alpha: 6, task_type: "CAUSAL_LM" });
    expect(config.target_modules.sort()).toEqual(["down_proj", "q_proj"]);
  });

  it("refuses a matrix without its partner and names outside PEFT's layout", () => {
    const { settings, parameters } = readPeftAdapter(folder);
    const [first] = parameters.keys();
    const alone = new Map([[first!, parameters.get(first!)!]]);
    expect(() => writePeftAdapter(folder, { settings, parameters: alone })).toThrow(/comes without/);
    const renamed = new Map([["model.norm.weight", parameters.get(first!)!]]);
    expect(() => writePeftAdapter(folder, { settings, parameters: renamed })).toThrow(/is no LoRA matrix/);
  });
});
