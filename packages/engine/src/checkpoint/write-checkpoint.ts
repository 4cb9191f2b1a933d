import { join } from "node:path";
import { CheckpointError, ModelFileError } from "../errors.ts";
import { type WrittenFile, writeFailure, writeFileAtomically } from "../weights/atomic-file.ts";
import type { JsonObject } from "../weights/json-file.ts";
import { writeSafetensors } from "../weights/safetensors.ts";
import type { NamedArray } from "../weights/weight-file.ts";
import type { Checkpoint, OptimizerMoments } from "./checkpoint.ts";
import { configJson } from "./config-json.ts";
import { writeManifest } from "./manifest.ts";
import { writePeftAdapter } from "./peft-adapter.ts";
import { replaceFolder } from "./replace-folder.ts";

/**
 * Saves a checkpoint in a folder, replacing the one that is there. It is written beside the folder, the manifest with the
 * hashes last, and then renamed: what was there before stays whole until the new one is. Throws `CheckpointError`.
 */
export function writeCheckpoint(folder: string, checkpoint: Checkpoint): void {
  try {
    replaceFolder(folder, (temporary) => {
      const files = writeFiles(temporary, checkpoint);
      const { kind } = checkpoint;
      const base = kind === "adapter" ? { baseFingerprint: checkpoint.baseFingerprint } : {};
      writeManifest(temporary, { kind, ...base, files });
    });
  } catch (error) {
    if (error instanceof CheckpointError) throw error;
    const why = error instanceof ModelFileError ? error.message : writeFailure(error);
    throw new CheckpointError(`${folder}: checkpoint not saved: ${why}`, { cause: error });
  }
}

function writeFiles(folder: string, checkpoint: Checkpoint): Map<string, WrittenFile> {
  const { parameters, optimizer, tokenizer, extra } = checkpoint;
  const files = new Map<string, WrittenFile>();
  const writeJson = (name: string, json: JsonObject) => {
    const text = `${JSON.stringify(json, refuseOddNumbers, 2)}\n`;
    files.set(name, writeFileAtomically(join(folder, name), [Buffer.from(text)]));
  };
  if (checkpoint.kind === "full") {
    writeJson("config.json", configJson(checkpoint.config, checkpoint.head));
    files.set("model.safetensors", writeSafetensors(join(folder, "model.safetensors"), parameters));
  } else {
    const written = writePeftAdapter(folder, { settings: checkpoint.adapter, parameters });
    for (const [name, file] of written) files.set(name, file);
  }
  if (optimizer) {
    const path = join(folder, "optimizer.safetensors");
    const step = { step: String(optimizer.step) };
    files.set("optimizer.safetensors", writeSafetensors(path, momentArrays(optimizer, parameters), step));
  }
  if (tokenizer) {
    writeJson("tokenizer.json", tokenizer.tokenizerJson);
    writeJson("tokenizer_config.json", tokenizer.tokenizerConfig);
  }
  if (extra) writeJson("training_state.json", extra);
  return files;
}

function momentArrays(
  { firstMoment, secondMoment }: OptimizerMoments,
  parameters: ReadonlyMap<string, NamedArray>,
): [string, NamedArray][] {
  const named = (prefix: string, moments: ReadonlyMap<string, Float32Array>) =>
    [...moments].map(([name, data]): [string, NamedArray] => {
      const parameter = parameters.get(name);
      if (!parameter) throw new CheckpointError(`optimizer state of ${name}, which is no parameter`);
      return [`${prefix}.${name}`, { shape: parameter.shape, data }];
    });
  return [...named("m", firstMoment), ...named("v", secondMoment)];
}

/** JSON would turn NaN and infinities into null without a word. */
function refuseOddNumbers(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new CheckpointError(`checkpoint not saved: ${key} is ${value}, which JSON cannot hold`);
  return value;
}
