import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Runs `armature ARGS` from the repository's root in a process of its own, its progress on stderr. Rejects where it fails. */
export function runCommand(args: readonly string[]): Promise<void> {
  const main = "packages/armature/src/cli/main.ts";
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "--conditions=armature-source", main, ...args],
      { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
    );
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`armature ${args.join(" ")} ended with code ${code}`)),
    );
  });
}
