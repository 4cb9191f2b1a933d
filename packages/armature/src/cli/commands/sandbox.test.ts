import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { armature, inScratchFolder, NO_OPERATIONS } from "../../../test/cli/command-line.ts";
import { readPreferencePairs } from "../../data/preference-pairs.ts";
import type { Operations } from "../operations.ts";

const scratch = inScratchFolder();

describe("the sandbox commands", () => {
  it("write pairs that the pair reader reads, the same for the same seed", async () => {
    const args = ["sandbox", "pairs", "--count", "20", "--seed", "3"];
    expect((await armature(scratch.path, [...args, "--out", "pairs.jsonl", "--json"])).stdout).toBe(
      '{"pairs":20}\n',
    );
    const { pairs } = await readPreferencePairs([join(scratch.path, "pairs.jsonl")]);
    expect(pairs).toHaveLength(20);
    const { stdout } = await armature(scratch.path, args);
    expect(stdout).toBe(readFileSync(join(scratch.path, "pairs.jsonl"), "utf8"));
    expect((await armature(scratch.path, [...args, "--truth"])).stdout.split("\n")[0]).toContain(
      '"trueWinner":"chosen"',
    );
  });

  it("print the bounds, as a table and as JSON", async () => {
    const table = await armature(scratch.path, ["sandbox", "bounds", "--pairs", "50"]);
    expect(table.stdout).toContain("oracle");
    const json = JSON.parse(
      (await armature(scratch.path, ["sandbox", "bounds", "--pairs", "50", "--json"])).stdout,
    ) as unknown[];
    expect(json).toHaveLength(9);
  });

  it("hand a warm-up its settings", async () => {
    const operations: Operations = {
      ...NO_OPERATIONS,
      warmUpSandbox:
        async () =>
        async ({ player, seed, steps, out }) => ({
          out,
          metrics: { seed, steps: steps!, judge: Number(player === "judge") },
        }),
    };
    const args = [
      "sandbox",
      "warmup",
      "--player",
      "judge",
      "--out",
      "ckpt",
      "--seed",
      "4",
      "--steps",
      "7",
      "--json",
    ];
    expect(JSON.parse((await armature(scratch.path, args, operations)).stdout)).toEqual({
      out: join(scratch.path, "ckpt"),
      metrics: { seed: 4, steps: 7, judge: 1 },
    });
  });
});
