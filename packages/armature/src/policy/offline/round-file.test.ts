import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { RunDirectory } from "../../run/run-directory.ts";
import { RoundFile } from "./round-file.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-round-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

const content = { rows: [{ text: "NaN" }, { text: "b" }], counts: { rows: 2, mean: null } };
const make = async () => content;
const never = async (): Promise<never> => {
  throw new Error("made again");
};

describe("RoundFile", () => {
  it("makes a round's content once: a run that comes back reads it", async () => {
    const identity = { recipe: {} };
    const run = RunDirectory.start(join(folder, "run"), identity);
    expect(await new RoundFile(run, "pairs").content(0, false, make)).toEqual(content);
    run.close();
    const again = RunDirectory.start(join(folder, "run"), identity);
    expect(await new RoundFile(again, "pairs").content(0, true, never)).toEqual(content);
    expect(await new RoundFile(again, "pairs").content(0, false, never)).toEqual(content);
    again.close();
    expect(readFileSync(join(folder, "run", "pairs", "round-1.jsonl"), "utf8")).toBe(
      '{"text":"NaN"}\n{"text":"b"}\n',
    );
  });

  it("refuses to go on in a round whose file is gone", async () => {
    const run = RunDirectory.start(join(folder, "gone"), { recipe: {} });
    await expect(new RoundFile(run, "pairs").content(1, true, make)).rejects.toThrow(
      /pairs\/round-2\.jsonl: is missing, and the round has begun; restore it, or start over with --fresh/,
    );
    run.close();
  });

  it("leaves no rows where making them failed", async () => {
    const run = RunDirectory.start(join(folder, "failed"), { recipe: {} });
    await expect(new RoundFile(run, "pairs").content(0, false, never)).rejects.toThrow("made again");
    expect(existsSync(join(folder, "failed", "pairs", "round-1.jsonl"))).toBe(false);
    run.close();
  });
});
