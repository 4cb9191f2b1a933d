import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inScratchFolder } from "../../test/cli/command-line.ts";
import { alpacaWinRate, readAlpacaPreferences } from "./alpaca-eval.ts";

const scratch = inScratchFolder();

describe("alpacaWinRate", () => {
  it("by hand: probabilities, a draw in both spellings, a missing one", () => {
    const rate = alpacaWinRate("m", "r", [1.8, 1, 1.5, 0, null, 2]);
    // Shares 0.8, 0, 0.5, 0.5, 1: mean 0.56; squared distances sum to 0.572.
    expect(rate.winRate).toBeCloseTo(56, 12);
    expect(rate.standardError).toBeCloseTo(100 * Math.sqrt(0.572 / 4 / 5), 12);
    expect(rate).toMatchObject({ wins: 2, losses: 1, draws: 2, missing: 1, discreteWinRate: 60 });
  });

  it("says nothing of one preference's error, and refuses what is none", () => {
    expect(alpacaWinRate("m", "r", [2])).toMatchObject({ winRate: 100, standardError: null });
    expect(() => alpacaWinRate("m", "r", [3])).toThrow(/^m: a preference is 3; /);
    expect(() => alpacaWinRate("m", "r", [null])).toThrow(/^m: has no preference; /);
  });
});

describe("readAlpacaPreferences", () => {
  it("reads rows, and names the line of a bad one", async () => {
    const file = join(scratch.path, "preferences.jsonl");
    writeFileSync(file, '{"model":"m","reference":"r","preference":[1,2]}\n{"model":"m","preference":[1]}\n');
    await expect(readAlpacaPreferences(file)).rejects.toThrow(`${file}:2: give model and reference as text`);
    writeFileSync(file, '{"model":"m","reference":"r","preference":[1,2]}\n');
    expect(await readAlpacaPreferences(file)).toMatchObject([{ model: "m", winRate: 50 }]);
  });
});
