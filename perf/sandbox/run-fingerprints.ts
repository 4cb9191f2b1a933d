import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Hashes of everything in a run that must not depend on when it was killed. */
export function runFingerprints(folder: string): ReadonlyMap<string, string> {
  const files = ["metrics.jsonl", "evaluation-before.json", "evaluation-after.json"];
  const inside = (name: string, keep: (file: string) => boolean) =>
    existsSync(join(folder, name))
      ? readdirSync(join(folder, name), { recursive: true })
          .map((file) => join(name, String(file)))
          .filter(keep)
      : [];
  const all = [
    ...files,
    ...inside("checkpoints", (file) => file.endsWith(".safetensors")),
    ...inside("rollouts", (file) => file.endsWith(".gz")),
  ];
  return new Map(
    all.map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(folder, file)))
        .digest("hex"),
    ]),
  );
}
