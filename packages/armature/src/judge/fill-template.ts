import { readFileSync } from "node:fs";
import { ConfigError } from "../errors.ts";

const PLACEHOLDER = /\{([a-z][a-z_]*)\}/g;

/**
 * Replaces every `{name}` of a template by its value in one pass, so that braces, placeholders and `$` inside a value stay
 * as they are. Throws `ConfigError` where a placeholder has no value or a value no placeholder.
 */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  const unused = new Set(Object.keys(values));
  const text = template.replace(PLACEHOLDER, (placeholder, name: string) => {
    if (!Object.hasOwn(values, name))
      throw new ConfigError(`prompt template: ${placeholder} has no value; use ${placeholders(values)}`);
    unused.delete(name);
    return values[name]!;
  });
  if (unused.size === 0) return text;
  throw new ConfigError(`prompt template: has no {${[...unused].join("}, {")}}; use ${placeholders(values)}`);
}

function placeholders(values: Readonly<Record<string, string>>): string {
  return Object.keys(values)
    .map((name) => `{${name}}`)
    .join(", ");
}

/** The text between fences of backticks, longer than any run of backticks in it, so that it cannot end its own quotation. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), (run) => run[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

/** A prompt of a folder's `prompts/`. They stay in `src`, which is published: the compiler copies no Markdown into `dist`. */
export function loadPromptTemplate(
  name: string,
  folder: "judge" | "generate" | "policy-bench" = "judge",
): string {
  return readFileSync(new URL(`../../src/${folder}/prompts/${name}.md`, import.meta.url), "utf8").trimEnd();
}
