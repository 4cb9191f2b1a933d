import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { toJson } from "./json-lines.ts";

/** What a run is: two runs with the same identity compute the same thing, and only then may one go on where the other stopped. */
export interface RunIdentity {
  /** The resolved recipe. */
  readonly recipe: unknown;
  /** Content hashes of the files that the recipe reads, by the recipe key that names them. */
  readonly inputs?: Readonly<Record<string, string>>;
}

/** SHA-256 of an identity, independent of key order. */
export function identityHash(identity: RunIdentity): string {
  const entries = [...flatten(identity)].sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(toJson(entries)).digest("hex");
}

/** Keys whose values differ, with both values as JSON; a key that one side lacks is `undefined` there. */
export function identityDifferences(
  before: RunIdentity,
  now: RunIdentity,
): readonly { readonly key: string; readonly before?: string; readonly now?: string }[] {
  const old = flatten(before);
  const current = flatten(now);
  return [...new Set([...old.keys(), ...current.keys()])]
    .filter((key) => old.get(key) !== current.get(key))
    .sort()
    .map((key) => ({ key, before: old.get(key), now: current.get(key) }));
}

/** SHA-256 of a file's content, for `RunIdentity.inputs`. */
export async function fingerprintFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Versions of what computes, recorded beside a run's recipe; a change is reported, not refused. */
export function runVersions(): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return {
    armature: manifest.version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

/** Leaves by dotted path, without the leading `recipe.`; empty objects and lists count as leaves. */
function flatten(identity: RunIdentity): Map<string, string> {
  const leaves = new Map<string, string>();
  const walk = (value: unknown, path: string): void => {
    if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
      for (const [key, item] of Object.entries(value)) walk(item, path === "" ? key : `${path}.${key}`);
    } else if (value !== undefined) leaves.set(path, toJson(value));
  };
  walk(identity.recipe, "");
  walk(identity.inputs ?? {}, "inputs");
  if (Object.keys(identity.inputs ?? {}).length === 0) leaves.delete("inputs");
  return leaves;
}
