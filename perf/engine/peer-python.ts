import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The interpreter that runs the programs of perf/peers, and the versions of what they compare with. */
export interface PeerPython {
  readonly command: string;
  readonly versions: Readonly<Record<string, string>>;
}

const PACKAGES = ["torch", "transformers", "peft", "safetensors"];

/** Throws, with the command that installs it, where a package is missing; a row may need further ones. */
export async function peerPython(further: readonly string[] = []): Promise<PeerPython> {
  const packages = [...PACKAGES, ...further];
  const command = process.env["ARMATURE_PYTHON"] ?? "python3";
  const script = `import importlib, json; print(json.dumps({p: importlib.import_module(p).__version__ for p in ${JSON.stringify(packages)}}))`;
  try {
    const { stdout } = await promisify(execFile)(command, ["-c", script]);
    return { command, versions: JSON.parse(stdout) as Record<string, string> };
  } catch (error) {
    throw new Error(
      `${command} cannot import ${packages.join(", ")}, which this row compares with; install them with "${command} -m pip install ${packages.join(" ")}" or name another Python in ARMATURE_PYTHON`,
      { cause: error },
    );
  }
}

/** Command of a program of perf/peers. */
export function peerCommand(python: PeerPython, program: string): string[] {
  return [python.command, fileURLToPath(new URL(`../peers/${program}`, import.meta.url))];
}

/** Command of a program of this folder. */
export function ourCommand(program: string): string[] {
  return programCommand(new URL(program, import.meta.url));
}

/** Command of a TypeScript program. */
export function programCommand(program: URL): string[] {
  return [process.execPath, "--import", "tsx", "--conditions=armature-source", fileURLToPath(program)];
}
