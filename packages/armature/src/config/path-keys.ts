import { PATH_KEYS } from "./recipe-schema.ts";

/** Whether the value of a key names files or folders. */
export function isPathKey(key: string): boolean {
  return PATH_KEYS.some((pattern) => fits(pattern.split("."), key.split(".")));
}

/** The keys of a recipe that may name files or folders, with their values, in the order of `PATH_KEYS`. */
export function pathValues(recipe: object): readonly { readonly key: string; readonly value: unknown }[] {
  return PATH_KEYS.flatMap((pattern) => valuesAt(recipe, pattern.split("."), []));
}

function fits(pattern: readonly string[], key: readonly string[]): boolean {
  return pattern.length === key.length && pattern.every((part, i) => part === "*" || part === key[i]);
}

function valuesAt(
  node: unknown,
  [part, ...rest]: readonly string[],
  above: readonly string[],
): { readonly key: string; readonly value: unknown }[] {
  if (part === undefined) return [{ key: above.join("."), value: node }];
  if (typeof node !== "object" || node === null) return [];
  const names = part === "*" ? Object.keys(node) : [part];
  return names.flatMap((name) => valuesAt((node as Record<string, unknown>)[name], rest, [...above, name]));
}
