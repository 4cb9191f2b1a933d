import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { runCommandLine } from "../../src/cli/program.ts";
import { NO_OPERATIONS } from "./no-operations.ts";

export { NO_OPERATIONS };

/** A folder of its own for each test, with a `recipe.yaml` of the sandbox preset; removed afterwards. */
export function inScratchFolder(): { readonly path: string } {
  const scratch = { path: "" };
  beforeEach(() => {
    scratch.path = mkdtempSync(join(tmpdir(), "armature-cli-"));
    writeFileSync(join(scratch.path, "recipe.yaml"), "method: arm\npreset: sandbox\n");
  });
  afterEach(() => rmSync(scratch.path, { recursive: true, force: true }));
  return scratch;
}

/** Runs a command line in this process. The folder's path, which differs every time, reads FOLDER in stderr. */
export async function armature(folder: string, args: readonly string[], operations = NO_OPERATIONS) {
  let [stdout, stderr] = ["", ""];
  const terminal = {
    stdout: { columns: 100, write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    environment: {},
    cwd: folder,
  };
  const code = await runCommandLine(args, terminal, operations);
  return { code, stdout, stderr: stderr.replaceAll(folder, "FOLDER") };
}
