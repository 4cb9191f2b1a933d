import { z } from "zod";
import { toJson } from "../run/json-lines.ts";
import { sourceAt, type Tree } from "./layer.ts";
import { nearestWord } from "./nearest-word.ts";

/** One thing that is wrong with a recipe. */
export interface RecipeFault {
  /** Where the value was said; absent for a value that is missing. */
  readonly source?: string | undefined;
  readonly key: string;
  /** What is wrong and the mend. */
  readonly fault: string;
}

/** What a schema has against a recipe, in words that name the mend. */
export function recipeFaults(
  error: z.ZodError,
  schema: z.ZodType,
  recipe: Tree,
  value: unknown,
): RecipeFault[] {
  return error.issues.flatMap((issue): RecipeFault[] => {
    const path = issue.path.map(String);
    const key = path.join(".");
    const source = sourceAt(recipe, path);
    if (issue.code === "unrecognized_keys") {
      const known = knownKeys(schema, path, value);
      return issue.keys.map((unknown) => unknownKey(recipe, [...path, unknown], known));
    }
    const actual = valueAt(value, path);
    if (actual === undefined) return [{ key, fault: `${key} is missing; add it to the recipe` }];
    return [{ source, key, fault: `${key} is ${toJson(actual)}; ${mendOf(issue, schema, path)}` }];
  });
}

function unknownKey(recipe: Tree, path: readonly string[], known: readonly string[]): RecipeFault {
  const near = nearestWord(path.at(-1)!, known);
  const mend = near === null ? `the keys here are ${known.join(", ")}` : `did you mean ${near}?`;
  const key = path.join(".");
  return { source: sourceAt(recipe, path), key, fault: `unknown key ${key}; ${mend}` };
}

function mendOf(issue: z.core.$ZodIssue, schema: z.ZodType, path: readonly string[]): string {
  switch (issue.code) {
    case "invalid_value":
      return `choose ${issue.values.map(String).join(", ")}`;
    case "invalid_union": {
      // Only sections with kinds are unions, and the issue stands on the discriminator.
      const union = schemaAt(schema, path.slice(0, -1), undefined);
      const kinds = union instanceof z.ZodDiscriminatedUnion ? union.options.flatMap(kindsOf) : [];
      return `choose ${kinds.join(", ")}`;
    }
    case "invalid_type":
      return `it must be ${issue.expected === "int" ? "a whole number" : article(issue.expected)}`;
    case "too_small":
      return issue.origin === "array" || issue.origin === "string"
        ? "it must not be empty"
        : `it must be ${issue.inclusive ? "at least" : "above"} ${issue.minimum}`;
    case "too_big":
      return `it must be ${issue.inclusive ? "at most" : "below"} ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const article = (word: string): string => `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;

const kindsOf = (option: unknown): string[] => {
  const kind: unknown = option instanceof z.ZodObject ? option.shape["kind"] : undefined;
  return kind instanceof z.ZodLiteral ? [...kind.values].map(String) : [];
};

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], value);
}

function knownKeys(schema: z.ZodType, path: readonly string[], value: unknown): string[] {
  const found = schemaAt(schema, path, value);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

/** The schema of a key; of a section with kinds, the one that the value chose. */
function schemaAt(schema: unknown, path: readonly string[], value: unknown): unknown {
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return schemaAt(schema.unwrap(), path, value);
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const kind = (value as { kind?: unknown } | undefined)?.kind;
    const chosen = schema.options.find((option) => kindsOf(option).includes(String(kind)));
    return chosen ? schemaAt(chosen, path, value) : schema;
  }
  const [key, ...rest] = path;
  if (key !== undefined && schema instanceof z.ZodArray)
    return schemaAt(schema.element, rest, (value as Record<string, unknown> | undefined)?.[key]);
  if (key !== undefined && schema instanceof z.ZodRecord)
    return schemaAt(schema.valueType, rest, (value as Record<string, unknown> | undefined)?.[key]);
  if (key === undefined || !(schema instanceof z.ZodObject)) return schema;
  return schemaAt(schema.shape[key], rest, (value as Record<string, unknown> | undefined)?.[key]);
}
