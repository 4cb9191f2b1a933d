/** A value of a recipe with where it was said: nested records end in leaves. */
export type Tree = { readonly [key: string]: Tree | Leaf };

/** Lists are leaves: a later layer replaces them whole. */
export interface Leaf {
  readonly value: unknown;
  /** "preset paper", "recipe.yaml:12", "--set judge.klBeta=0.4". */
  readonly source: string;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A leaf holds `source` as a string; a recipe key of that name would hold a tree or a leaf. */
export const isLeaf = (node: Tree | Leaf): node is Leaf => typeof node["source"] === "string";

/** Attaches a source to every leaf of a plain value. */
export function layerOf(value: unknown, sourceOf: (path: string) => string, path = ""): Tree | Leaf {
  if (!isRecord(value)) return { value, source: sourceOf(path) };
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      layerOf(item, sourceOf, path === "" ? key : `${path}.${key}`),
    ]),
  );
}

/** Lays one layer over another, key by key. */
function overlay(below: Tree | Leaf, above: Tree | Leaf): Tree | Leaf {
  if (isLeaf(below) || isLeaf(above)) return above;
  const merged: Record<string, Tree | Leaf> = { ...below };
  for (const [key, node] of Object.entries(above)) {
    const base = merged[key];
    merged[key] = base === undefined ? node : overlay(base, node);
  }
  return merged;
}

/**
 * Lays layers over one another, lowest first. Where the last layer that speaks of a section decides its form (its `kind`, a
 * record or none), lower layers of another form say nothing about it, for the keys of one kind mean nothing to another.
 */
export function overlayAll(layers: readonly Tree[], sections: readonly string[]): Tree {
  const forms = new Map(sections.map((section) => [section, layers.map((layer) => formOf(layer[section]))]));
  const spoken = layers.map((layer, i) =>
    Object.fromEntries(
      Object.entries(layer).filter(([key]) => {
        const decided = forms.get(key)?.findLast((form) => form !== "open");
        const form = forms.get(key)?.[i] ?? "open";
        return form === "open" || form === decided;
      }),
    ),
  );
  return spoken.reduce<Tree>((below, above) => overlay(below, above) as Tree, {});
}

/** `open` where a layer leaves a section's form to the layers below. */
function formOf(section: Tree | Leaf | undefined): string {
  if (section === undefined) return "open";
  if (isLeaf(section)) return "leaf";
  const { kind } = section;
  return kind !== undefined && isLeaf(kind) ? `kind ${String(kind.value)}` : "open";
}

/** The plain value without sources. */
export function plainValue(node: Tree | Leaf): unknown {
  if (isLeaf(node)) return node.value;
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, plainValue(child)]));
}

/** Where the value at a path, or the nearest value that leads to it, was said. */
export function sourceAt(root: Tree | Leaf, path: readonly string[]): string | undefined {
  let node = root;
  for (const key of path) {
    if (isLeaf(node)) break;
    const child = node[key];
    if (child === undefined) return undefined;
    node = child;
  }
  while (!isLeaf(node)) {
    const first = Object.values(node)[0];
    if (first === undefined) return undefined;
    node = first;
  }
  return node.source;
}
