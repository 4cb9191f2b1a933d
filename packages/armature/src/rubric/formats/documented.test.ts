import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { RUBRIC_FORMATS } from "./all-formats.ts";

const DOCUMENT = new URL("../../../../../docs/rubric-format.md", import.meta.url);

it("docs/rubric-format.md has the mapping of every format", () => {
  const lines = RUBRIC_FORMATS.map(({ name, about, stored, mapping }) => {
    const parts = mapping.map(([from, to]) => `\`${from}\` is ${to}`).join("; ");
    return `| \`${name}\` | ${about} | ${stored} | ${parts} |`;
  });
  const text = readFileSync(DOCUMENT, "utf8");
  const documented = text
    .split("\n")
    .filter((line) => /^\| `[\w-]+` \|.*\| (rows|document|text) \|/.test(line));
  expect(documented).toEqual(lines);
});
