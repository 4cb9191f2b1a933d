import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The command line's own program. */
export const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const LOADER = fileURLToPath(import.meta.resolve("tsx"));

/** Starts a script from source in a folder. */
export function startProcess(folder: string, script: string, args: readonly string[]): ChildProcess {
  const node = ["--conditions=armature-source", "--import", LOADER, script, ...args];
  return spawn(process.execPath, node, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
}

/** Waits for its end; the code is null where a signal ended it. */
export async function finished(child: ChildProcess) {
  let [stdout, stderr] = ["", ""];
  child.stdout!.on("data", (part) => (stdout += part));
  child.stderr!.on("data", (part) => (stderr += part));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}
