import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A program that speaks the protocol of `turns.ts`. */
export interface Program {
  readonly name: string;
  readonly command: readonly string[];
}

/** Peers that can be run here, with versions, and those that cannot, with the reason. */
export interface JudgePeers {
  readonly programs: readonly Program[];
  readonly versions: Readonly<Record<string, string>>;
  readonly missing: Readonly<Record<string, string>>;
}

const NODE_PEERS: Readonly<Record<string, string>> = {
  autoevals: "autoevals",
  openevals: "openevals",
  "ai-sdk": "ai",
};
const PYTHON_PEERS: Readonly<Record<string, readonly [program: string, ...packages: string[]]>> = {
  "openai-py": ["openai_judge.py", "openai"],
  rubric: ["rubric_judge.py", "rubric", "openai"],
};

/** Installs the pinned packages of `peers/package.json` below `.cache` on first use, and finds the Python ones. */
export async function findJudgePeers(): Promise<JudgePeers> {
  const programs: Program[] = [];
  const versions: Record<string, string> = {};
  const missing: Record<string, string> = {};
  const folder = fileURLToPath(new URL("../../.cache/judge-peers", import.meta.url));
  const fault = await install(folder);
  for (const [name, dependency] of Object.entries(NODE_PEERS)) {
    const manifest = join(folder, "node_modules", dependency, "package.json");
    if (fault !== null || !existsSync(manifest)) {
      missing[name] = fault ?? "not among the installed packages";
      continue;
    }
    versions[dependency] = (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
    programs.push({ name, command: [process.execPath, join(folder, `${name}.mjs`)] });
  }
  const python = process.env["ARMATURE_PYTHON"] ?? "python3";
  for (const [name, [program, ...packages]] of Object.entries(PYTHON_PEERS)) {
    try {
      Object.assign(versions, await pythonVersions(python, packages));
      programs.push({
        name,
        command: [python, fileURLToPath(new URL(`../peers/${program}`, import.meta.url))],
      });
    } catch {
      missing[name] =
        `${python} lacks it; "${python} -m pip install ${packages.join(" ")}", or set ARMATURE_PYTHON`;
    }
  }
  return { programs, versions, missing };
}

/** Null where the packages are there afterwards, else why not. */
async function install(folder: string): Promise<string | null> {
  const source = fileURLToPath(new URL("peers", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const manifest = join(folder, "package.json");
  const wanted = readFileSync(join(source, "package.json"), "utf8");
  const present = existsSync(join(folder, "node_modules")) && readFileSync(manifest, "utf8") === wanted;
  cpSync(source, folder, { recursive: true });
  if (present) return null;
  process.stderr.write("installing the peers of package.json in perf/judge/peers\n");
  try {
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
    return null;
  } catch (error) {
    return `npm install failed: ${String((error as Error).message)
      .split("\n")
      .slice(0, 2)
      .join(" ")}`;
  }
}

async function pythonVersions(python: string, packages: readonly string[]): Promise<Record<string, string>> {
  const script = `import importlib, importlib.metadata as m, json; print(json.dumps({p: (importlib.import_module(p), m.version(p))[1] for p in ${JSON.stringify(packages)}}))`;
  const { stdout } = await run(python, ["-c", script]);
  return JSON.parse(stdout) as Record<string, string>;
}
