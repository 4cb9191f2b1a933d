import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { CheckpointError } from "../errors.ts";
import { type WrittenFile, writeFileAtomically } from "../weights/atomic-file.ts";
import { FileBytes } from "../weights/file-bytes.ts";
import { isObject, readJsonFile } from "../weights/json-file.ts";

const MANIFEST = "manifest.json";
const FORMAT = "armature-checkpoint";
const VERSION = 1;

export type CheckpointKind = "full" | "adapter";

/** What a checkpoint consists of. It is written last, so its presence means that everything else is complete. */
export interface Manifest {
  readonly kind: CheckpointKind;
  /** Of the weights that an adapter belongs to. */
  readonly baseFingerprint?: string;
  readonly files: ReadonlyMap<string, WrittenFile>;
}

export function writeManifest(folder: string, manifest: Manifest): void {
  const json = {
    format: FORMAT,
    version: VERSION,
    kind: manifest.kind,
    ...(manifest.baseFingerprint !== undefined && { baseFingerprint: manifest.baseFingerprint }),
    files: Object.fromEntries(manifest.files),
  };
  writeFileAtomically(join(folder, MANIFEST), [Buffer.from(`${JSON.stringify(json, null, 2)}\n`)]);
}

/** Reads the manifest and compares size and hash of every file. Throws `CheckpointError` or `ModelFileError`. */
export function readVerifiedManifest(folder: string): Manifest {
  const path = join(folder, MANIFEST);
  if (!existsSync(path))
    throw new CheckpointError(
      existsSync(folder)
        ? `${folder}: has no ${MANIFEST}: it is no checkpoint or was not finished; use an earlier one`
        : `${folder}: no such checkpoint`,
    );
  const { format, version, kind, baseFingerprint, files } = readJsonFile(path);
  const fail = (why: string): never => {
    throw new CheckpointError(`${path}: ${why}; it is damaged, use another checkpoint`);
  };
  if (format !== FORMAT || version !== VERSION)
    throw new CheckpointError(
      `${path}: is ${String(format)} version ${String(version)}, this program reads ${FORMAT} version ${VERSION}`,
    );
  if (kind !== "full" && kind !== "adapter") return fail(`kind ${JSON.stringify(kind)} is unknown`);
  if (baseFingerprint !== undefined && typeof baseFingerprint !== "string")
    return fail("bad baseFingerprint");
  if (!isObject(files)) return fail("lists no files");
  const verified = new Map<string, WrittenFile>();
  for (const [name, stated] of Object.entries(files)) {
    if (name !== basename(name) || name.includes("\\")) return fail(`lists "${name}", which is no file name`);
    const actual = hashFile(join(folder, name));
    if (!isObject(stated) || stated["bytes"] !== actual.bytes || stated["sha256"] !== actual.sha256)
      throw new CheckpointError(
        `${join(folder, name)}: ${actual.bytes} bytes that differ from what was saved; the checkpoint is damaged, use another one`,
      );
    verified.set(name, actual);
  }
  return { kind, files: verified, ...(baseFingerprint !== undefined && { baseFingerprint }) };
}

function hashFile(path: string): WrittenFile {
  const file = new FileBytes(path);
  try {
    const hash = createHash("sha256");
    const chunk = new Uint8Array(1 << 20);
    for (let offset = 0; offset < file.size; offset += chunk.length) {
      const part = chunk.subarray(0, Math.min(chunk.length, file.size - offset));
      file.read(offset, part, "the content");
      hash.update(part);
    }
    return { bytes: file.size, sha256: hash.digest("hex") };
  } finally {
    file.close();
  }
}
