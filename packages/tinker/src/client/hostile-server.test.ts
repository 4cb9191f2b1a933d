import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HOSTILE_CASES, runHostileCase } from "../../test/hostile-cases.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-hostile-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a hostile server", () => {
  it.each(HOSTILE_CASES.map((hostile) => [hostile.name, hostile] as const))(
    "is refused, writes nothing and gets no key elsewhere: %s",
    async (_, hostile) => {
      const { said, keyLeaked } = await runHostileCase(hostile, join(folder, "inner", "..", "download"));
      expect(said).toMatch(hostile.says);
      expect(keyLeaked).toBe(false);
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});
