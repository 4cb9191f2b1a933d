import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { LocalEngine, openModel } from "@armature/engine";
import { chatEncoder } from "../judge/engine-chat-encoder.ts";
import { PolicyModel } from "./policy-model.ts";

/** How a model of our engine is opened. */
export interface PolicyModelOptions {
  /** CPU threads inside one operation; default the engine's. */
  readonly threads?: number | undefined;
  /** Names the model in caches; by default its file name and a fingerprint of its weights. */
  readonly id?: string | undefined;
  /** Requests sampled together. Default 32. */
  readonly maxBatch?: number | undefined;
}

/**
 * Opens a GGUF file or a Hugging Face folder with our engine, in a thread of its own.
 * @throws ModelFileError where it cannot be read, ModelError where it has no chat template.
 */
export async function openPolicyModel(path: string, options: PolicyModelOptions = {}): Promise<PolicyModel> {
  const description = openModel(path);
  description.weights.close();
  const encoder = chatEncoder(description);
  const { threads, maxBatch, id = `${basename(path)}+${fingerprint(path)}` } = options;
  const engine = await LocalEngine.open(
    { kind: "path", path },
    { ...(threads !== undefined && { threads }), ...(maxBatch !== undefined && { maxBatch }) },
  );
  return new PolicyModel({
    id,
    sampler: await engine.baseSampler(),
    encoder,
    endTexts: encoder.eosTokens
      .map((token) => description.tokenizer.decode([token]))
      .filter((text) => text !== ""),
    contextLength: engine.info.maxContextLength,
    alternatives: true,
    ...(maxBatch !== undefined && { maxBatch }),
    close: () => engine.close(),
  });
}

const SAMPLES = 16;
const SAMPLE_BYTES = 65_536;

/** Hash of samples spread over the files: large models are told apart without reading them whole. */
function fingerprint(path: string): string {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => /\.(safetensors|json|jinja)$/.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path];
  const hash = createHash("sha256");
  const bytes = Buffer.alloc(SAMPLE_BYTES);
  for (const name of files) {
    const file = openSync(name, "r");
    try {
      const { size } = fstatSync(file);
      hash.update(String(size));
      const step = Math.max(SAMPLE_BYTES, Math.floor(size / SAMPLES));
      for (let at = 0; at < size; at += step)
        hash.update(bytes.subarray(0, readSync(file, bytes, 0, SAMPLE_BYTES, at)));
    } finally {
      closeSync(file);
    }
  }
  return hash.digest("hex").slice(0, 16);
}
