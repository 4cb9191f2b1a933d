import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The repository's root. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Everything that the interoperability tests install and write. */
export const CACHE = join(ROOT, ".cache", "interop");

/** A virtual environment of Python, or why there is none. */
export type PythonEnvironment = { readonly python: string } | { readonly unavailable: string };

/**
 * A virtual environment below .cache/interop with these packages from PyPI, made at the first call and kept. `versions` are the
 * names of interpreters to try, the best first; ARMATURE_PYTHON goes before them.
 */
export async function pythonEnvironment(
  name: string,
  packages: readonly string[],
  versions: readonly string[] = ["python3"],
): Promise<PythonEnvironment> {
  const folder = join(CACHE, name);
  const python = join(folder, "bin", "python");
  const marker = join(folder, "installed.txt");
  if (existsSync(marker)) return { python };
  const own = process.env["ARMATURE_PYTHON"];
  const interpreter = await firstThatRuns([...(own === undefined ? [] : [own]), ...versions]);
  if (interpreter === undefined) return { unavailable: `none of ${versions.join(", ")} is installed` };
  mkdirSync(CACHE, { recursive: true });
  try {
    await run(interpreter, ["-m", "venv", folder]);
    process.stderr.write(`installing ${packages.join(", ")} from PyPI into ${folder}\n`);
    await run(python, ["-m", "pip", "install", "--quiet", ...packages], { maxBuffer: 2 ** 26 });
    writeFileSync(marker, `${packages.join("\n")}\n`);
    return { python };
  } catch (error) {
    return { unavailable: `PyPI gives no ${packages.join(", ")}: ${lastLine(error)}` };
  }
}

/** Runs a Python program; the result is the JSON that it prints last. Throws with the last line of its errors. */
export async function runPython(
  python: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  try {
    const { stdout } = await run(python, args, {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      maxBuffer: 2 ** 26,
      timeout: 600_000,
    });
    return JSON.parse(stdout.trim().split("\n").at(-1)!);
  } catch (error) {
    throw new Error(`${args[0]}: ${lastLine(error)}`, { cause: error });
  }
}

async function firstThatRuns(interpreters: readonly string[]): Promise<string | undefined> {
  for (const interpreter of interpreters) {
    try {
      await run(interpreter, ["--version"]);
      return interpreter;
    } catch {
      // The next one.
    }
  }
  return undefined;
}

function lastLine(error: unknown): string {
  const { message, stderr = "" } = error as { message: string; stderr?: string };
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("WARNING"));
  return lines.at(-1) ?? message;
}
