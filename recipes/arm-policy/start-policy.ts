import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../../packages/armature/src/cli/main.ts");

/**
 * Checkpoint that all policies start from, warmed up now where it is missing below `runs`: a policy that minds the recipient. The
 * shipped one ignores recipients, so no reward leads it to what they value.
 */
export function startPolicy(runs: string): string {
  const folder = join(runs, "start-policy");
  if (existsSync(join(folder, "model.safetensors"))) return folder;
  process.stderr.write("\nstart-policy\n");
  const warmUp = ["sandbox", "warmup", "--player", "plausible-policy", "--threads", "1", "--out", folder];
  const { status } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--conditions=armature-source", MAIN, ...warmUp],
    { stdio: ["ignore", "ignore", "inherit"] },
  );
  if (status !== 0) throw new Error(`start-policy: the warm-up ended with ${status}; start again`);
  return folder;
}
