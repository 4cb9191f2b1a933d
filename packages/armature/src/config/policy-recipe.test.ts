import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { estimateCost } from "./cost-estimate.ts";
import { loadRecipe } from "./load-recipe.ts";
import type { DpoRecipe } from "./policy-recipe.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-policy-recipe-"));
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string, settings: readonly string[] = []) {
  writeFileSync(join(folder, "recipe.yaml"), text);
  return loadRecipe("recipe.yaml", settings, folder);
}

const DPO = "method: dpo\npreset: sandbox\nreward: {kind: sandbox-truth}\n";

describe("a DPO recipe", () => {
  it("takes the paper's hyper-parameters as published (table 9)", () => {
    const { recipe } = load("method: dpo\nmodel: {path: m}\ndata: {prompts: [p.jsonl]}\n");
    expect(recipe).toMatchObject({
      ...{ preset: "paper", learningRate: 8e-7, batchSize: 64, epochs: 1 },
      ...{ loss: "sigmoid", beta: 0.1, sftWeight: 0.2, labelSmoothing: 0, rounds: 1 },
      pairs: { kind: "own", responses: 2, pairsPerPrompt: 1 },
    });
  });

  it("takes given pairs beside it, and those of --set from the working folder", () => {
    const { recipe } = load(
      `${DPO}pairs: {kind: files, files: [a.jsonl]}\nreward: {kind: none}\n`.replace(
        "reward: {kind: sandbox-truth}\n",
        "",
      ),
      ["pairs.heldOut=7"],
    );
    expect((recipe as DpoRecipe).pairs).toEqual({
      ...{ kind: "files", files: ["a.jsonl"], maxTokens: 2048, badRows: "strict", heldOut: 7 },
    });
  });

  it.each([
    [["pairs.kind=sandbox", "rounds=2"], "given pairs make one round; set it to 1 and raise epochs"],
    [["reward.kind=none"], "own responses are labelled by a reward; name one, or give pairs"],
    [["loss=ipo", "labelSmoothing=0.1"], "the ipo loss takes none; set it to 0"],
    [["pairs.responses=1"], "pairs.responses is 1; it must be at least 2"],
    [["pairs.count=10"], "unknown key pairs.count; the keys here are kind, responses, pairsPerPrompt"],
  ])("refuses %j", (settings, message) => {
    expect(() => load(DPO, settings)).toThrow(message);
  });
});

it("refuses best-of-n without a reward", () => {
  expect(() => load("method: best-of-n\nreward: {kind: none}\n")).toThrow(
    'recipe.yaml:2: reward.kind is "none"; the best response is chosen by a reward; name one',
  );
});

it("refuses supervised training on pairs that nobody gives", () => {
  expect(() => load("method: sft-chosen\npairs: {kind: own}\n")).toThrow(
    /pairs.kind is "own"; choose sandbox, files/,
  );
});

describe("the bound of what a recipe costs", () => {
  const cost = (text: string, ...settings: string[]) => {
    const more = ["maxTokens=10", "evaluation={prompts: 5, samples: 2, every: 4}", ...settings];
    return Object.fromEntries(estimateCost(load(text, more).recipe).map((row) => [row.part, row]));
  };

  it("counts own pairs by hand: 2 rounds of 20 prompts, 3 responses, 2 comparisons, 3 epochs", () => {
    const rows = cost(
      DPO,
      ...["rounds=2", "promptsPerRound=20", "epochs=3", "batchSize=8"],
      ...["pairs.responses=3", "pairs.pairsPerPrompt=2"],
    );
    expect(rows["pairs"]).toMatchObject({
      decodedTokens: 2 * 20 * 3 * 10,
      trainedTokens: 2 * (2 * 20 * 2) * 10 * 3,
    });
    // 30 steps: 8 evaluations between, 3 before and after.
    expect(rows["evaluation"]).toMatchObject({ decodedTokens: (3 + 8) * 5 * 2 * 10 });
  });

  it("counts given pairs of the sandbox, and of files per step", () => {
    const sandbox = ["pairs.kind=sandbox", "pairs.count=32", "epochs=2", "batchSize=8"];
    expect(cost(DPO, ...sandbox)["pairs"]).toMatchObject({
      decodedTokens: 0,
      trainedTokens: 2 * 32 * 2 * 10,
    });
    const files = ["pairs.kind=files", "pairs.files=[a.jsonl]", "pairs.maxTokens=100", "batchSize=8"];
    expect(cost(DPO, ...files)["each step"]).toMatchObject({ trainedTokens: 2 * 8 * 100 });
    const sft = cost("method: sft-chosen\nreward: {kind: none}\n", "pairs.count=32", "epochs=2");
    expect(sft["pairs"]).toMatchObject({ trainedTokens: 32 * 2 * 10 });
  });
});
