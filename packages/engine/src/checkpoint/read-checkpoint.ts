import { join } from "node:path";
import { CheckpointError, ModelFileError } from "../errors.ts";
import { readModelConfig } from "../model/model-config.ts";
import { type ParameterSpec, SCORE } from "../model/parameters.ts";
import { readJsonFile } from "../weights/json-file.ts";
import { openSafetensors } from "../weights/safetensors.ts";
import type { NamedArray } from "../weights/weight-file.ts";
import type { Checkpoint, OptimizerMoments } from "./checkpoint.ts";
import { type CheckpointKind, readVerifiedManifest } from "./manifest.ts";
import { readAll, readPeftAdapter } from "./peft-adapter.ts";
import { settledFolder } from "./replace-folder.ts";

/** What the model that a checkpoint is read into asks for. */
export interface CheckpointExpectation {
  readonly kind?: CheckpointKind;
  /** Exactly these parameters, with these shapes. */
  readonly parameters?: readonly ParameterSpec[];
  /** `fingerprintWeights` of the base model; for adapters. */
  readonly baseFingerprint?: string;
  /** Rank of the adapter. */
  readonly rank?: number;
}

/**
 * Reads a checkpoint after comparing every file with the hash taken when it was written. Throws `CheckpointError` where it
 * is unfinished, damaged, or not the one expected.
 */
export function readCheckpoint(folder: string, expected: CheckpointExpectation = {}): Checkpoint {
  try {
    const checkpoint = readFiles(settledFolder(folder));
    compare(folder, checkpoint, expected);
    return checkpoint;
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    throw new CheckpointError(error.message, { cause: error });
  }
}

function readFiles(folder: string): Checkpoint {
  const { kind, baseFingerprint, files } = readVerifiedManifest(folder);
  const json = (name: string) => readJsonFile(join(folder, name));
  const state = {
    ...(files.has("optimizer.safetensors") && {
      optimizer: readMoments(join(folder, "optimizer.safetensors")),
    }),
    ...(files.has("tokenizer.json") && {
      tokenizer: { tokenizerJson: json("tokenizer.json"), tokenizerConfig: json("tokenizer_config.json") },
    }),
    ...(files.has("training_state.json") && { extra: json("training_state.json") }),
  };
  if (kind === "adapter") {
    if (baseFingerprint === undefined)
      throw new CheckpointError(
        `${folder}: manifest.json lacks the adapter's baseFingerprint; it is damaged`,
      );
    const { settings, parameters } = readPeftAdapter(folder);
    return { kind, adapter: settings, baseFingerprint, parameters, ...state };
  }
  const config = readModelConfig(json("config.json"), join(folder, "config.json"));
  const parameters = readTensors(join(folder, "model.safetensors")).tensors;
  return { kind, config, parameters, ...(parameters.has(SCORE) && { head: "scalar" }), ...state };
}

function readTensors(path: string): {
  tensors: Map<string, NamedArray>;
  metadata: ReadonlyMap<string, string>;
} {
  const file = openSafetensors(path);
  try {
    return { tensors: readAll(file), metadata: file.metadata };
  } finally {
    file.close();
  }
}

function readMoments(path: string): OptimizerMoments {
  const { tensors, metadata } = readTensors(path);
  const step = Number(metadata.get("step"));
  if (!Number.isSafeInteger(step) || step < 0)
    throw new CheckpointError(`${path}: its step "${metadata.get("step")}" is no count; the file is damaged`);
  const withPrefix = (prefix: string) =>
    new Map(
      [...tensors].flatMap(([name, { data }]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), data] as const] : [],
      ),
    );
  return { step, firstMoment: withPrefix("m."), secondMoment: withPrefix("v.") };
}

function compare(folder: string, checkpoint: Checkpoint, expected: CheckpointExpectation): void {
  const fail = (why: string): never => {
    throw new CheckpointError(`${folder}: ${why}; resume with the model and settings that it was saved from`);
  };
  if (expected.kind && checkpoint.kind !== expected.kind)
    fail(`is ${describeKind(checkpoint.kind)}, but ${describeKind(expected.kind)} is expected`);
  if (checkpoint.kind === "adapter") {
    const { rank } = checkpoint.adapter;
    if (expected.rank !== undefined && rank !== expected.rank)
      fail(`has rank ${rank}, but the model's adapter has rank ${expected.rank}`);
    if (expected.baseFingerprint !== undefined && checkpoint.baseFingerprint !== expected.baseFingerprint)
      fail(
        `was trained on a base model with other weights (fingerprint ${checkpoint.baseFingerprint.slice(0, 8)}, this one ${expected.baseFingerprint.slice(0, 8)})`,
      );
  }
  if (!expected.parameters) return;
  const names = new Set(expected.parameters.map(({ name }) => name));
  for (const { name, shape } of expected.parameters) {
    const stored = checkpoint.parameters.get(name);
    if (!stored) fail(`lacks parameter ${name}`);
    else if (stored.shape.join() !== shape.join())
      fail(`holds ${name} as [${stored.shape.join(", ")}], but the model has [${shape.join(", ")}]`);
  }
  for (const name of checkpoint.parameters.keys())
    if (!names.has(name)) fail(`holds parameter ${name}, which the model does not have`);
}

function describeKind(kind: CheckpointKind): string {
  return kind === "full" ? "a checkpoint of all weights" : "an adapter";
}
