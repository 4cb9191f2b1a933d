/** Conventions that a machine can check: `npm run conventions` prints each fault as `file:line: what; mend` and fails on any. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Packages from the outside to the core: a package imports those after it, never those before it. */
const LAYERS = ["dashboard", "armature", "engine", "tinker"];
const FORBIDDEN_NAMES = /(^|\/)(utils?|helpers?|common|misc|core|shared)(\/|\.tsx?$)/;
const LONGEST_FILE = 400;
/** Longer files that a reviewer accepted, each with the reason. */
const LONG_FILES: Readonly<Record<string, string>> = {
  "packages/armature/src/index.ts": "one list of everything public, and nothing else",
};
/** A folder of one machine has no place in a file that others read. */
const MACHINE_PATH = /(?<![\w.<>-])\/(work|root|home|Users|tmp\/[a-z]+)\//;

/** Everything that is wrong with the given files; `read` gives a file's text. */
export function conventionFaults(
  files: readonly string[],
  read: (file: string) => string,
): readonly string[] {
  return files.flatMap((file) => {
    const text = read(file);
    return [
      ...nameFaults(file),
      ...(/\.tsx?$/.test(file) ? [...lengthFaults(file, text), ...importFaults(file, text)] : []),
      ...(/^packages\/[^/]+\/src\/index\.ts$/.test(file) ? exportFaults(file, text, read) : []),
      ...pathFaults(file, text),
      ...(file === "README.md" ? treeFaults(file, text, files) : []),
    ];
  });
}

function nameFaults(file: string): string[] {
  return FORBIDDEN_NAMES.test(file) ? [`${file}:1: says nothing in its name; name it for its one idea`] : [];
}

function lengthFaults(file: string, text: string): string[] {
  const lines = text.trimEnd().split("\n").length;
  if (lines <= LONGEST_FILE || LONG_FILES[file] !== undefined) return [];
  return [`${file}:${lines}: longer than ${LONGEST_FILE} lines; split it, or list it with a reason`];
}

function importFaults(file: string, text: string): string[] {
  const own = /^packages\/([^/]+)\//.exec(file)?.[1];
  if (own === undefined) return [];
  return [
    ...text.matchAll(
      /(?:from|import)\s*\(?\s*"(@armature\/(\w+)|armature|[^"]*\/packages\/(\w+)\/[^"]*|(?:\.\.\/)+(\w+)\/src\/[^"]*)"/g,
    ),
  ].flatMap((match) => {
    const [, specifier, ...names] = match;
    const target = names.find((name) => name !== undefined) ?? "armature";
    const at = `${file}:${lineAt(text, match.index)}`;
    if (specifier!.startsWith(".")) {
      return LAYERS.includes(target) && target !== own
        ? [`${at}: imports ${specifier}; import @armature/${target}`]
        : [];
    }
    return LAYERS.indexOf(target) > LAYERS.indexOf(own)
      ? []
      : [`${at}: ${own} imports ${target}; imports go ${LAYERS.join(" -> ")} only`];
  });
}

/** Every name that an index exports has a docstring where it is declared. */
function exportFaults(file: string, text: string, read: (file: string) => string): string[] {
  return [...text.matchAll(/export (?:type )?\{([^}]*)\}\s*from "(\.[^"]+)"/g)].flatMap(([, names, from]) => {
    const source = `${file.slice(0, -"index.ts".length)}${from!.slice(2)}`;
    const declared = read(source);
    return names!
      .split(",")
      .map(
        (name) =>
          name
            .trim()
            .replace(/^type /, "")
            .split(" as ")[0]!,
      )
      .filter((name) => name !== "")
      .flatMap((name) => {
        const declaration = new RegExp(
          `^export (?:declare |abstract |async )*(?:class|interface|type|function\\*?|const) ${name}\\b`,
          "m",
        );
        const found = declaration.exec(declared);
        if (!found || declared.slice(0, found.index).trimEnd().endsWith("*/")) return [];
        return [
          `${source}:${lineAt(declared, found.index)}: ${name} is exported without a docstring; say what it is`,
        ];
      });
  });
}

function pathFaults(file: string, text: string): string[] {
  return text
    .split("\n")
    .flatMap((line, i) =>
      MACHINE_PATH.test(line) ? [`${file}:${i + 1}: a path of one machine; make it relative`] : [],
    );
}

/** The README's file tree names only what exists. */
function treeFaults(file: string, text: string, files: readonly string[]): string[] {
  const tree = /```text\n(armature\/\n[\s\S]*?)```/.exec(text);
  if (!tree) return [`${file}:1: has no file tree; add one that starts with a line "armature/"`];
  const folders: string[] = [];
  return tree[1]!
    .split("\n")
    .slice(1)
    .flatMap((line, i) => {
      const entry = /^( +)(\S+)/.exec(line);
      if (!entry) return [];
      const depth = entry[1]!.length / 2 - 1;
      const path = [...folders.slice(0, depth), entry[2]!.replace(/\/$/, "")].join("/");
      folders[depth] = entry[2]!.replace(/\/$/, "");
      const exists = files.some((known) => known === path || known.startsWith(`${path}/`));
      return exists
        ? []
        : [`${file}:${lineAt(text, tree.index) + i + 2}: names ${path}, which does not exist`];
    });
}

const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length;

const isBinary = /\.(safetensors|gz|gguf|png|bin)$/;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
  })
    .split("\0")
    .filter(
      (file) => file !== "" && file !== "package-lock.json" && !isBinary.test(file) && existsSync(file),
    );
  const faults = conventionFaults(files, (file) => readFileSync(file, "utf8"));
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.stdout.write(
    faults.length === 0
      ? `conventions: ${files.length} files keep them\n`
      : `conventions: ${faults.length} faults\n`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
