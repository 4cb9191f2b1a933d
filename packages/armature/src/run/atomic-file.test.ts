import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFileAtomic } from "./atomic-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "armature-atomic-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("writeFileAtomic", () => {
  it("replaces the content and leaves nothing else behind", () => {
    const path = join(folder, "state.json");
    writeFileAtomic(path, "first, and longer");
    writeFileAtomic(path, "second");
    expect(readFileSync(path, "utf8")).toBe("second");
    expect(readdirSync(folder)).toEqual(["state.json"]);
  });

  it("keeps the old content and removes its temporary file where the rename fails", () => {
    // A folder that stands where the file should go cannot be replaced by a rename.
    const path = join(folder, "state.json");
    mkdirSync(path);
    expect(() => writeFileAtomic(path, "x")).toThrow();
    expect(readdirSync(folder)).toEqual(["state.json"]);
  });
});
