import { ConfigError } from "../packages/armature/src/errors.ts";

/**
 * Those of these names; all where none is named. Names that hold commas are separated by semicolons. Throws `ConfigError` for a name
 * that there is not.
 */
export function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  option: string,
  names: string | undefined,
  separator: ";" | "," = ";",
): readonly T[] {
  if (names === undefined) return all;
  return names.split(separator).map((name) => {
    const found = all.find((one) => one.name === name.trim());
    if (found === undefined)
      throw new ConfigError(
        `${option} ${name}: there is none; choose of "${all.map((one) => one.name).join('", "')}"`,
      );
    return found;
  });
}
