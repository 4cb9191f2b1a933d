import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { armature, inScratchFolder } from "../cli/command-line.ts";

const scratch = inScratchFolder();
const readme = readFileSync(new URL("../../../../README.md", import.meta.url), "utf8");

it("shows a recipe that loads", async () => {
  const [, recipe] = /```yaml\n([\s\S]*?)```/.exec(readme)!;
  writeFileSync(join(scratch.path, "mine.yaml"), recipe!);
  mkdirSync(join(scratch.path, "path/to/model"), { recursive: true });
  writeFileSync(join(scratch.path, "pairs.jsonl"), "");
  const { code, stderr } = await armature(scratch.path, ["train", "mine.yaml", "--dry-run"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

it("shows commands and options that exist", async () => {
  const lines = [...readme.matchAll(/npm run armature -- ([^#\n]*)/g)].map(([, line]) =>
    line!.trim().split(/\s+/),
  );
  expect(lines.length).toBeGreaterThan(3);
  for (const words of lines) {
    const path = words.slice(0, ["engine", "rubrics", "sandbox"].includes(words[0]!) ? 2 : 1);
    const { code, stdout } = await armature(scratch.path, [...path, "--help"]);
    expect(code).toBe(0);
    for (const option of words.filter((word) => word.startsWith("--")))
      expect(stdout).toContain(`${option} `);
  }
});

it("has exactly the two set-up commands that work in a fresh clone", () => {
  expect([...readme.matchAll(/^npm ci.*$/gm)].map(([line]) => line)).toEqual([
    "npm ci && npm run quickstart",
    "npm ci && npm test",
  ]);
});
