import { readFileSync, statSync } from "node:fs";
import { ModelFileError } from "../errors.ts";
import { openFailure } from "./file-bytes.ts";

export type JsonObject = Record<string, unknown>;

/** A tokenizer.json of 262,144 tokens has 33 MB; far above that a file is not what its name says. */
const MAX_JSON_BYTES = 256 * 2 ** 20;

/** The JSON object in a file. Throws `ModelFileError` where it is absent, too large, no JSON or no object. */
export function readJsonFile(path: string): JsonObject {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > MAX_JSON_BYTES)
      throw new ModelFileError(
        `${path}: ${size} bytes; JSON files of a model have at most ${MAX_JSON_BYTES}`,
      );
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    throw new ModelFileError(`${path}: ${openFailure(error)}`, { cause: error });
  }
  return parseJsonObject(text, path);
}

/** Parses an object; `where` names its source in errors. */
export function parseJsonObject(text: string, where: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ModelFileError(
      `${where}: not valid JSON (${firstLine((error as Error).message)}); fetch or write it again`,
      { cause: error },
    );
  }
  if (!isObject(value)) throw new ModelFileError(`${where}: must hold a JSON object`);
  return value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!.slice(0, 120);
}
