import { dirname, isAbsolute, relative, resolve } from "node:path";
import { parse } from "yaml";
import { ConfigError } from "../errors.ts";
import { isLeaf, type Leaf, layerOf, overlayAll, plainValue, type Tree } from "./layer.ts";
import { partDefaults } from "./part-defaults.ts";
import { isPathKey } from "./path-keys.ts";
import { KIND_DEFAULTS, PRESETS } from "./presets.ts";
import { readRecipeFile } from "./read-recipe-file.ts";
import { recipeFaults } from "./recipe-fault.ts";
import { type MethodName, RECIPE_SCHEMAS, type Recipe } from "./recipe-schema.ts";

/** A recipe that was checked, with the source of each value. */
export interface LoadedRecipe {
  readonly recipe: Recipe;
  /** Every value with where it was said: a preset, `file:line`, or a `--set`. */
  readonly values: Tree;
  readonly file: string;
  /** Absolute path of a file that the recipe names. */
  resolve(path: string): string;
}

/**
 * Loads preset < recipe file < `--set key=value` (the value is read as YAML).
 * @throws ConfigError in one line: where, which key, what is wrong, the mend.
 */
export function loadRecipe(
  file: string,
  settings: readonly string[] = [],
  cwd = process.cwd(),
): LoadedRecipe {
  const folder = dirname(resolve(cwd, file));
  const said = [
    readRecipeFile(resolve(cwd, file), file),
    ...settings.map((text) => settingLayer(text, folder, cwd)),
  ];
  const method = choose(file, said, "method", Object.keys(RECIPE_SCHEMAS), null) as MethodName;
  const names = Object.keys(PRESETS[method]);
  const preset = choose(file, said, "preset", names, names[0]!);
  const values = overlayAll(
    [
      ...Object.entries(KIND_DEFAULTS[method]).flatMap(([section, kinds]) =>
        kinds.map((kind) => layer({ [section]: kind }, "default of this kind")),
      ),
      layer({ preset, ...PRESETS[method][preset] }, `preset ${preset}`),
      layer(
        partDefaults(said.map(plainValue), KIND_DEFAULTS[method]["reward"] ?? []),
        "default of this kind",
      ),
      ...said,
    ],
    Object.keys(KIND_DEFAULTS[method]),
  );
  const value = plainValue(values);
  const schema = RECIPE_SCHEMAS[method];
  const checked = schema.safeParse(value);
  if (!checked.success) {
    const [first, ...others] = recipeFaults(checked.error, schema, values, value);
    const more =
      others.length === 0 ? "" : ` (and ${others.length} more: ${others.map(({ key }) => key).join(", ")})`;
    throw new ConfigError(`${first!.source ?? file}: ${first!.fault}${more}`);
  }
  return { recipe: checked.data, values, file, resolve: (path) => resolve(folder, path) };
}

/** The recipe as YAML in the schema's order, each value with its source as a comment: itself a recipe. */
export function printRecipe({ recipe, values }: LoadedRecipe): string {
  const rows = printRows(recipe, values, "");
  const width = Math.min(48, Math.max(...rows.map(([text]) => text.length)));
  return rows.map(([text, source]) => (source ? `${text.padEnd(width)}  # ${source}` : text)).join("\n");
}

function printRows(
  section: object,
  sources: Tree,
  indent: string,
): (readonly [text: string, source?: string])[] {
  return Object.entries(section).flatMap(([key, value]: [string, unknown]) => {
    const said = sources[key]!;
    return isLeaf(said)
      ? [[`${indent}${key}: ${JSON.stringify(value)}`, said.source] as const]
      : [[`${indent}${key}:`] as const, ...printRows(value as object, said, `${indent}  `)];
  });
}

const layer = (value: object, source: string): Tree => layerOf(value, () => source) as Tree;

/** A `--set`. Paths in it are relative to the working folder, and are stored relative to the recipe like the others. */
function settingLayer(text: string, folder: string, cwd: string): Tree {
  const source = `--set ${text}`;
  const [, key, written] = /^([\w.]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || written === undefined) {
    throw new ConfigError(
      `${source}: not a setting; write --set key=value, for instance --set judge.klBeta=0.4`,
    );
  }
  const value = parseValue(written, source);
  const relocate = (path: unknown) =>
    typeof path === "string" && !isAbsolute(path) ? relative(folder, resolve(cwd, path)) || "." : path;
  const placed = !isPathKey(key) ? value : Array.isArray(value) ? value.map(relocate) : relocate(value);
  return key.split(".").reduceRight<Tree | Leaf>(
    (node, part) => ({ [part]: node }),
    layerOf(placed, () => source),
  ) as Tree;
}

function parseValue(written: string, source: string): unknown {
  try {
    return parse(written);
  } catch (error) {
    throw new ConfigError(`${source}: not readable as YAML: ${(error as Error).message.split("\n")[0]}`, {
      cause: error,
    });
  }
}

/** The last layer's choice of a name that decides how the rest is read. */
function choose(
  file: string,
  said: readonly Tree[],
  key: "method" | "preset",
  names: readonly string[],
  fallback: string | null,
): string {
  const chosen = said.map((tree) => tree[key]).findLast((node) => node !== undefined);
  if (chosen === undefined) {
    if (fallback !== null) return fallback;
    throw new ConfigError(`${file}: ${key} is missing; add a line "${key}: ${names[0]}"`);
  }
  const name = plainValue(chosen);
  if (typeof name === "string" && names.includes(name)) return name;
  const source = isLeaf(chosen) ? chosen.source : file;
  throw new ConfigError(`${source}: ${key} is ${JSON.stringify(name)}; choose ${names.join(", ")}`);
}
