import { readFileSync } from "node:fs";
import { isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { ConfigError } from "../errors.ts";
import { layerOf, type Tree } from "./layer.ts";

/**
 * Reads a YAML or JSON recipe with the line of each value; `file` is how messages call it.
 * `begin` is the line that a file of this kind begins with, `what` the kind.
 * @throws ConfigError naming file and line: missing file, bad YAML, a key said twice, a document that is no mapping.
 */
export function readRecipeFile(path: string, file = path, begin = "method: arm", what = "recipe"): Tree {
  const lines = new LineCounter();
  const document = parseDocument(readText(path, file, what), { lineCounter: lines });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    const fault = error.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
    throw new ConfigError(`${file}:${line}:${col}: not readable as YAML: ${fault}; mend the line`);
  }
  const { contents } = document;
  if (!isMap(contents)) {
    throw new ConfigError(`${file}: holds no ${what}; begin with a line "${begin}"`);
  }
  const lineOf = new Map<string, number>();
  noteLines(contents, "", lines, lineOf);
  return layerOf(document.toJS(), (path) => `${file}:${lineOf.get(path) ?? 1}`) as Tree;
}

function readText(path: string, file: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const mends: Readonly<Record<string, string>> = {
      ENOENT: `no such ${what}; check the path`,
      EISDIR: `is a folder; name the ${what} in it`,
      EACCES: "may not be read; check its permissions",
    };
    throw new ConfigError(`${file}: ${mends[code ?? ""] ?? message}`, { cause: error });
  }
}

/** The line of every key, by dotted path. */
function noteLines(node: Node | null, path: string, lines: LineCounter, lineOf: Map<string, number>): void {
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    if (!isScalar(key)) continue;
    const child = path === "" ? String(key.value) : `${path}.${String(key.value)}`;
    lineOf.set(child, lines.linePos(key.range?.[0] ?? 0).line);
    noteLines(value as Node | null, child, lines, lineOf);
  }
}
