import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CheckpointError } from "../errors.ts";
import { type LoraConfig, loraName, loraParameters } from "../model/lora.ts";
import { type ModelConfig, readModelConfig } from "../model/model-config.ts";
import { baseParameters, type ParameterSpec } from "../model/parameters.ts";
import { SeededStream } from "../random/seeded-stream.ts";
import { createWordTokenizer } from "../tokenizer/word-tokenizer.ts";
import { loadModel } from "../weights/load-model.ts";
import type { NamedArray } from "../weights/weight-file.ts";
import type { AdapterCheckpoint, FullCheckpoint } from "./checkpoint.ts";
import { configJson } from "./config-json.ts";
import { fingerprintWeights } from "./fingerprint.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { writeCheckpoint } from "./write-checkpoint.ts";

const tokenizer = createWordTokenizer(["<pad>", "<eos>", "a", "lamp", "2."], { pad: "<pad>", eos: "<eos>" });
const config: ModelConfig = {
  vocabularySize: 5,
  hiddenSize: 8,
  layers: 2,
  heads: 2,
  keyValueHeads: 1,
  headDim: 4,
  intermediateSize: 12,
  ropeTheta: 1000,
  normEpsilon: 1e-6,
  tiedEmbeddings: true,
  maxContextLength: 32,
  eosTokenIds: [1],
};
const lora: LoraConfig = { rank: 2, alpha: 4, attention: true, mlp: true, head: false, seed: 1 };

function randomArrays(specs: readonly ParameterSpec[], seed: number): Map<string, NamedArray> {
  const stream = new SeededStream(seed, "checkpoint test");
  return new Map(
    specs.map(({ name, shape }) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return [name, { shape, data: Float32Array.from({ length: size }, () => stream.normal()) }];
    }),
  );
}

const data = (arrays: Map<string, NamedArray>) =>
  new Map([...arrays].map(([name, array]) => [name, array.data]));
const base = randomArrays(baseParameters(config), 1);
const matrices = loraParameters(config, lora);
const full: FullCheckpoint = { kind: "full", config, parameters: base, tokenizer: tokenizer.files };
const adapter: AdapterCheckpoint = {
  kind: "adapter",
  adapter: { rank: 2, alpha: 4, baseModel: "models/nano" },
  baseFingerprint: fingerprintWeights(data(base)),
  parameters: randomArrays(matrices, 2),
  optimizer: {
    step: 17,
    firstMoment: data(randomArrays(matrices, 3)),
    secondMoment: data(randomArrays(matrices, 4)),
  },
  extra: { round: 2, stream: [1, 2, 3, 4294967295], done: ["a", "b"] },
};

let parent: string;
let folder: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "armature-checkpoint-"));
  folder = join(parent, "step-17");
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe("writeCheckpoint and readCheckpoint", () => {
  it("give back an adapter with its optimizer and the run's state", () => {
    writeCheckpoint(folder, adapter);
    expect(readCheckpoint(folder)).toEqual(adapter);
    expect(readdirSync(parent)).toEqual(["step-17"]);
  });

  it("give back a full model, which is also a model folder", () => {
    writeCheckpoint(folder, full);
    expect(readCheckpoint(folder)).toEqual({
      ...full,
      tokenizer: JSON.parse(JSON.stringify(tokenizer.files)),
    });
    const model = loadModel(folder);
    expect(model.config).toEqual(config);
    expect(model.weights).toEqual(data(base));
    expect([...model.tokenizer.encode("a lamp 2. <eos>")]).toEqual([2, 3, 4, 1]);
  });

  it("replace an earlier checkpoint", () => {
    writeCheckpoint(folder, full);
    writeCheckpoint(folder, adapter);
    expect(readCheckpoint(folder).kind).toBe("adapter");
    expect(existsSync(join(folder, "model.safetensors"))).toBe(false);
    expect(readdirSync(parent)).toEqual(["step-17"]);
  });

  it("find the earlier one where a kill fell between the two renames", () => {
    writeCheckpoint(folder, adapter);
    renameSync(folder, `${folder}.previous`);
    mkdirSync(`${folder}.partial`);
    expect(readCheckpoint(folder)).toEqual(adapter);
    writeCheckpoint(folder, full);
    expect(readCheckpoint(folder).kind).toBe("full");
    expect(readdirSync(parent)).toEqual(["step-17"]);
  });
});

describe("a checkpoint that cannot be saved", () => {
  it("leaves the earlier one whole where its content is faulty", () => {
    writeCheckpoint(folder, adapter);
    const faults: [Partial<AdapterCheckpoint>, RegExp][] = [
      [{ extra: { loss: Number.NaN } }, /loss is NaN, which JSON cannot hold/],
      [
        { optimizer: { ...adapter.optimizer!, firstMoment: new Map([["x", new Float32Array(1)]]) } },
        /no parameter/,
      ],
      [{ adapter: { ...adapter.adapter, rank: 3 } }, /does not fit rank 3/],
    ];
    for (const [fault, message] of faults) {
      expect(() => writeCheckpoint(folder, { ...adapter, ...fault })).toThrow(CheckpointError);
      expect(() => writeCheckpoint(folder, { ...adapter, ...fault })).toThrow(message);
    }
    expect(readCheckpoint(folder)).toEqual(adapter);
    expect(readdirSync(parent)).toEqual(["step-17"]);
  });

  it.runIf(process.platform !== "win32")(
    "leaves the earlier one whole where the system stops the writing half-way (file size limit)",
    () => {
      writeCheckpoint(folder, adapter);
      const here = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
      const script = `
        const { writeCheckpoint } = await import(${here("./write-checkpoint.ts")});
        const big = { shape: [2, 100000], data: new Float32Array(200000) };
        const parameters = new Map([["model.norm.weight", big]]);
        try { writeCheckpoint(${JSON.stringify(folder)}, { kind: "full", config: ${JSON.stringify(config)}, parameters }); }
        catch (error) { process.stdout.write(error.name + " " + error.message); }`;
      // Writing fails with EFBIG in the middle of the weights, as it would with ENOSPC on a full disk.
      const command = `ulimit -f 64 && exec "${process.execPath}" --import tsx --input-type=module -e "$SCRIPT"`;
      const output = execFileSync("sh", ["-c", command], {
        env: { ...process.env, SCRIPT: script, TSX_DISABLE_CACHE: "1" },
        encoding: "utf8",
      });
      expect(output).toMatch(/^CheckpointError .*step-17: checkpoint not saved: .*exceeds the largest file/);
      expect(readCheckpoint(folder)).toEqual(adapter);
      expect(readdirSync(parent)).toEqual(["step-17"]);
    },
  );
});

describe("a damaged checkpoint", () => {
  it("is refused whatever bit of whatever file is flipped", () => {
    const intact = join(parent, "intact");
    writeCheckpoint(intact, { ...adapter, tokenizer: tokenizer.files });
    const names = readdirSync(intact).sort();
    expect(names).toContain("optimizer.safetensors");
    const whole = readCheckpoint(intact);
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(7),
        (name, at, bit) => {
          rmSync(folder, { recursive: true, force: true });
          cpSync(intact, folder, { recursive: true });
          const path = join(folder, name);
          const bytes = readFileSync(path);
          bytes[Math.floor(at * bytes.length)]! ^= 1 << bit;
          writeFileSync(path, bytes);
          if (name !== "manifest.json") {
            expect(() => readCheckpoint(folder)).toThrow(CheckpointError);
            return;
          }
          // The manifest's own white space and base fingerprint carry no hash; the latter is compared with the model.
          try {
            expect({ ...readCheckpoint(folder), baseFingerprint: "" }).toEqual({
              ...whole,
              baseFingerprint: "",
            });
          } catch (error) {
            expect(error).toBeInstanceOf(CheckpointError);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is refused where a file was cut short or removed, by name", () => {
    writeCheckpoint(folder, adapter);
    const path = join(folder, "adapter_model.safetensors");
    truncateSync(path, statSync(path).size - 1);
    expect(() => readCheckpoint(folder)).toThrow(
      /adapter_model.safetensors: \d+ bytes that differ from what was saved/,
    );
    rmSync(path);
    expect(() => readCheckpoint(folder)).toThrow(CheckpointError);
    expect(() => readCheckpoint(folder)).toThrow(/adapter_model.safetensors: no such file/);
  });

  it("is refused where it was never finished or never was", () => {
    writeCheckpoint(folder, adapter);
    rmSync(join(folder, "manifest.json"));
    expect(() => readCheckpoint(folder)).toThrow(
      /has no manifest.json: it is no checkpoint or was not finished/,
    );
    expect(() => readCheckpoint(join(parent, "none"))).toThrow(/none: no such checkpoint/);
  });
});

describe("a checkpoint of something else", () => {
  it.each([
    ["another kind", { kind: "full" as const }, /is an adapter, but a checkpoint of all weights is expected/],
    ["another rank", { rank: 8 }, /has rank 2, but the model's adapter has rank 8/],
    [
      "another base",
      { baseFingerprint: "0123456789" },
      /base model with other weights .*this one 01234567\)/,
    ],
    [
      "other shapes",
      { parameters: loraParameters({ ...config, intermediateSize: 16 }, lora) },
      /gate_proj.lora_B.weight as \[12, 2\], but the model has \[16, 2\]/,
    ],
    [
      "fewer layers",
      { parameters: loraParameters({ ...config, layers: 1 }, lora) },
      /holds parameter .*layers.1/,
    ],
    [
      "more layers",
      { parameters: loraParameters({ ...config, layers: 3 }, lora) },
      /lacks parameter .*layers.2/,
    ],
  ])("is refused: %s", (_, expected, message) => {
    writeCheckpoint(folder, adapter);
    expect(() => readCheckpoint(folder, expected)).toThrow(CheckpointError);
    expect(() => readCheckpoint(folder, expected)).toThrow(message);
  });

  it("is accepted where everything fits", () => {
    writeCheckpoint(folder, adapter);
    const { baseFingerprint } = adapter;
    expect(
      readCheckpoint(folder, { kind: "adapter", rank: 2, baseFingerprint, parameters: matrices }),
    ).toEqual(adapter);
  });
});

describe("configJson", () => {
  it("reads back as the same configuration", () => {
    const scaled: ModelConfig = {
      ...config,
      bosTokenId: 0,
      eosTokenIds: [1, 3],
      ropeScaling: { factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalMaxContextLength: 16 },
    };
    for (const each of [config, scaled, { ...config, eosTokenIds: [] }])
      expect(readModelConfig(JSON.parse(JSON.stringify(configJson(each))), "test")).toEqual(each);
  });
});

describe("fingerprintWeights", () => {
  it("depends on names and values, not on the order", () => {
    const entries = [...data(base)];
    expect(fingerprintWeights([...entries].reverse())).toBe(adapter.baseFingerprint);
    const changed = new Map(entries);
    changed.set(
      "model.norm.weight",
      changed.get("model.norm.weight")!.map((x, i) => (i === 3 ? x + 1e-6 : x)),
    );
    expect(fingerprintWeights(changed)).not.toBe(adapter.baseFingerprint);
    const [[, values], ...rest] = entries as [[string, Float32Array], ...[string, Float32Array][]];
    expect(fingerprintWeights([["renamed", values], ...rest])).not.toBe(adapter.baseFingerprint);
  });
});

const python = process.env["ARMATURE_PYTHON"];
if (!python)
  process.stdout.write(
    "skipped: set ARMATURE_PYTHON (with peft and transformers) to load checkpoints in Python\n",
  );

describe.skipIf(!python)("transformers and peft", () => {
  it("load the model, its tokenizer and the adapter", () => {
    const model = join(parent, "model");
    writeCheckpoint(model, full);
    writeCheckpoint(folder, adapter);
    const script = new URL("../../test/golden/load-checkpoint.py", import.meta.url).pathname;
    const output = execFileSync(python!, [script, model, folder, "a lamp 2. <eos>"], { encoding: "utf8" });
    const loaded = JSON.parse(output.trim().split("\n").at(-1)!);
    expect(loaded).toMatchObject({
      ids: [2, 3, 4, 1],
      decoded: "a lamp 2. <eos>",
      eos: 1,
      missing: [],
      unexpected: [],
    });
    const { shape, data: weight } = base.get("model.layers.1.mlp.up_proj.weight")!;
    const matrix = (letter: "A" | "B") =>
      adapter.parameters.get(loraName("model.layers.1.mlp.up_proj.weight", letter))!.data;
    const [a, b] = [matrix("A"), matrix("B")];
    const merged: number[] = loaded.merged["model.layers.1.mlp.up_proj.weight"];
    for (let i = 0; i < weight.length; i++) {
      const [row, column] = [Math.floor(i / shape[1]!), i % shape[1]!];
      const product = b[2 * row]! * a[column]! + b[2 * row + 1]! * a[shape[1]! + column]!;
      expect(merged[i]).toBeCloseTo(weight[i]! + (4 / 2) * product, 5);
    }
    const name = loraName("model.layers.0.self_attn.q_proj.weight", "A");
    expect(loaded.moments[`v.${name}`]).toEqual([...adapter.optimizer!.secondMoment.get(name)!]);
  }, 120_000);
});
