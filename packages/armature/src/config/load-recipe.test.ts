import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ConfigError } from "../errors.ts";
import { loadRecipe, printRecipe } from "./load-recipe.ts";
import type { ArmRecipe } from "./recipe-schema.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-recipe-"));
mkdirSync(join(folder, "sub"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string, settings: string[] = []) {
  writeFileSync(join(folder, "recipe.yaml"), text);
  return loadRecipe("recipe.yaml", settings, folder);
}

function errorOf(text: string, settings: string[] = []): string {
  try {
    load(text, settings);
  } catch (error) {
    expect(ConfigError.isInstance(error)).toBe(true);
    return (error as Error).message;
  }
  return "no error";
}

const SANDBOX = "method: arm\npreset: sandbox\n";
const FILES = "method: arm\npairsPerRound: 96\nmodel:\n  path: model\ndata:\n  train: [pairs.jsonl]\n";

describe("loadRecipe", () => {
  it("takes the sandbox preset whole", () => {
    const recipe = load(SANDBOX).recipe as ArmRecipe;
    expect(recipe).toMatchObject({
      rounds: 4,
      pairsPerRound: 384,
      judge: { klBeta: 0.4, learningRate: 5e-4 },
    });
    expect(recipe.generator).toMatchObject({
      klBeta: 0.1,
      learningRate: 1.5e-3,
      passes: 3,
      invalidReward: -1,
    });
  });

  it("takes the paper's hyper-parameters as published (tables 9 and 11)", () => {
    const recipe = load(FILES).recipe as ArmRecipe;
    expect(recipe.preset).toBe("paper");
    expect(recipe.rounds).toBe(3);
    for (const player of [recipe.judge, recipe.generator]) {
      expect(player).toMatchObject({ learningRate: 1e-6, klBeta: 0.001, innerUpdates: 2, temperature: 1 });
    }
    expect(recipe.judge).toMatchObject({ groupSize: 7, maxTokens: 1024 });
    expect(recipe.judge.groupSize * recipe.judge.pairsPerBatch).toBe(224);
    expect(recipe.generator).toMatchObject({ groupSize: 6, maxTokens: 512 });
    expect(recipe.generator.groupSize * recipe.generator.pairsPerBatch).toBe(288);
    expect(recipe.grpo).toMatchObject({ clipLow: 0.2, clipHigh: 0.28, lossNormalization: "sequence-mean" });
  });

  it("lets --set win over the file, the file over the preset, and says which", () => {
    const loaded = load(`${SANDBOX}seed: 3\njudge:\n  klBeta: 0.3\n`, ["judge.klBeta=0.2", "seed=7"]);
    expect((loaded.recipe as ArmRecipe).judge.klBeta).toBe(0.2);
    expect(loaded.recipe.seed).toBe(7);
    const printed = printRecipe(loaded).split("\n");
    expect(printed.find((line) => line.includes("klBeta"))).toMatch(/klBeta: 0.2 +# --set judge.klBeta=0.2$/);
    expect(printed.find((line) => line.startsWith("method"))).toMatch(/# recipe.yaml:1$/);
    expect(printed.find((line) => line.startsWith("rounds"))).toMatch(/# preset sandbox$/);
  });

  it("prints a recipe that loads as the same recipe", () => {
    const first = load(FILES, ["judge.klBeta=0.2"]);
    expect(parse(printRecipe(first))).toEqual(first.recipe);
    expect(load(printRecipe(first)).recipe).toEqual(first.recipe);
  });

  it("reads JSON", () => {
    expect(load('{ "method": "arm", "preset": "sandbox", "rounds": 2 }').recipe).toMatchObject({ rounds: 2 });
  });

  it("replaces a section whole where another kind is chosen, and keeps the kind's own defaults", () => {
    const { recipe } = load(
      `${SANDBOX}model:\n  kind: path\n  path: m\ndata: { kind: files, train: [p.jsonl] }\n`,
    );
    expect((recipe as ArmRecipe).model).toEqual({
      kind: "path",
      path: "m",
      generator: null,
      judge: null,
      lora: null,
      threads: null,
      url: null,
    });
    expect((recipe as ArmRecipe).data).toMatchObject({ kind: "files", train: ["p.jsonl"], overlong: "drop" });
    expect((recipe as ArmRecipe).judge.klBeta).toBe(0.4);
  });

  it("finds the recipe's files beside it, and those of --set in the working folder", () => {
    writeFileSync(join(folder, "sub", "recipe.yaml"), FILES);
    const loaded = loadRecipe("sub/recipe.yaml", ["data.heldOut=[held-out.jsonl]"], folder);
    const { data } = loaded.recipe as ArmRecipe;
    if (data.kind !== "files") throw new Error("other kind");
    expect(loaded.resolve(data.train[0]!)).toBe(join(folder, "sub", "pairs.jsonl"));
    expect(loaded.resolve(data.heldOut[0]!)).toBe(join(folder, "held-out.jsonl"));
  });

  it("loads a supervised recipe", () => {
    const { recipe } = load("method: sft\nmodel: { path: m }\ntrain: [a.jsonl]\n");
    expect(recipe).toMatchObject({ method: "sft", preset: "adapter", batchSize: 16 });
  });
});

describe("a bad recipe is refused in one line that says where, what and the mend", () => {
  const cases: readonly (readonly [name: string, recipe: string, settings?: string[]])[] = [
    ["a misspelt key", `${SANDBOX}judge:\n  klbeta: 0.3\n`],
    ["a key of nothing known", `${SANDBOX}adam:\n  wings: 2\n`],
    ["a key of another kind", `${SANDBOX}model:\n  path: m\n`],
    ["a misspelt key in --set", SANDBOX, ["judge.learningrate=1"]],
    ["a --set without value", SANDBOX, ["judge.klBeta"]],
    ["several faults", `${SANDBOX}rounds: 0\nseeds: 1\norder: judge\n`],
    ["a number that is text", `${SANDBOX}seed: one\n`],
    ["a fraction of a round", `${SANDBOX}rounds: 1.5\n`],
    ["a group of one", `${SANDBOX}judge:\n  groupSize: 1\n`],
    ["a record in place of a number", `${SANDBOX}seed: { a: 1 }\n`],
    ["a number in place of a record", `${SANDBOX}judge: 3\n`],
    ["not a number", `${SANDBOX}judge:\n  klBeta: .nan\n`],
    ["an unknown kind", `${SANDBOX}model:\n  kind: hub\n`],
    ["an unknown choice", `${SANDBOX}order: judge\n`],
    ["a missing value", "method: arm\npairsPerRound: 8\ndata:\n  train: [a]\n"],
    ["no method", "rounds: 3\n"],
    ["an unknown method", "method: ppo\n"],
    ["an unknown preset", "method: arm\npreset: nano\n"],
    ["a key said twice", `${SANDBOX}seed: 1\nseed: 2\n`],
    ["bad YAML", `${SANDBOX}judge: [1,\n`],
    ["an empty file", ""],
    ["a list", "- method: arm\n"],
    ["nothing to train", `${SANDBOX}trainJudge: false\ntrainGenerator: false\n`],
    ["a static rubric with a generator", `${SANDBOX}staticRubric: "1. is clear"\n`],
    ["sandbox models on real pairs", `${SANDBOX}data: { kind: files, train: [a.jsonl] }\n`],
    ["nothing held out", `${FILES}  heldOutShare: 0\n`],
    ["an empty list", `${FILES}  heldOut: []\n`.replace("[pairs.jsonl]", "[]")],
  ];
  const table = Object.fromEntries(cases.map(([name, text, settings]) => [name, errorOf(text, settings)]));

  it("in these words", () => {
    expect(table).toMatchInlineSnapshot(`
      {
        "a --set without value": "--set judge.klBeta: not a setting; write --set key=value, for instance --set judge.klBeta=0.4",
        "a fraction of a round": "recipe.yaml:3: rounds is 1.5; it must be a whole number",
        "a group of one": "recipe.yaml:4: judge.groupSize is 1; it must be at least 2",
        "a key of another kind": "recipe.yaml:4: unknown key model.path; the keys here are kind, generator, judge, threads, url",
        "a key of nothing known": "recipe.yaml:4: unknown key adam.wings; the keys here are beta1, beta2, epsilon, weightDecay, clipNorm",
        "a key said twice": "recipe.yaml:4:1: not readable as YAML: Map keys must be unique; mend the line",
        "a list": "recipe.yaml: holds no recipe; begin with a line "method: arm"",
        "a missing value": "recipe.yaml: model.path is missing; add it to the recipe",
        "a misspelt key": "recipe.yaml:4: unknown key judge.klbeta; did you mean klBeta?",
        "a misspelt key in --set": "--set judge.learningrate=1: unknown key judge.learningrate; did you mean learningRate?",
        "a number in place of a record": "recipe.yaml:3: judge is 3; it must be an object",
        "a number that is text": "recipe.yaml:3: seed is "one"; it must be a number",
        "a record in place of a number": "recipe.yaml:3: seed is {"a":1}; it must be a number",
        "a static rubric with a generator": "recipe.yaml:3: staticRubric is "1. is clear"; a static rubric leaves the generator nothing to learn; set trainGenerator to false",
        "an empty file": "recipe.yaml: holds no recipe; begin with a line "method: arm"",
        "an empty list": "recipe.yaml:6: data.train is []; it must not be empty",
        "an unknown choice": "recipe.yaml:3: order is "judge"; choose judge-first, generator-first, simultaneous",
        "an unknown kind": "recipe.yaml:4: model.kind is "hub"; choose sandbox, path",
        "an unknown method": "recipe.yaml:1: method is "ppo"; choose arm, sft, grpo, dpo, best-of-n, bradley-terry, sft-chosen",
        "an unknown preset": "recipe.yaml:2: preset is "nano"; choose paper, sandbox",
        "bad YAML": "recipe.yaml:4:1: not readable as YAML: Flow sequence in block collection must be sufficiently indented and end with a ]; mend the line",
        "no method": "recipe.yaml: method is missing; add a line "method: arm"",
        "not a number": "recipe.yaml:4: judge.klBeta is "NaN"; it must be a number",
        "nothing held out": "preset paper: data.heldOut is []; no held-out pairs; name files or set data.heldOutShare above 0",
        "nothing to train": "recipe.yaml:3: trainJudge is false; nothing is trained; set trainJudge or trainGenerator to true",
        "sandbox models on real pairs": "recipe.yaml:3: data.kind is "files"; the sandbox models know the sandbox's words only; set model.kind to path",
        "several faults": "recipe.yaml:3: rounds is 0; it must be at least 1 (and 2 more: order, seeds)",
      }
    `);
    for (const message of Object.values(table)) expect(message).not.toContain("\n");
  });

  it("and so is a missing file, and a folder", () => {
    expect(() => loadRecipe("none.yaml", [], folder)).toThrow("none.yaml: no such recipe; check the path");
    expect(() => loadRecipe("sub", [], folder)).toThrow("sub: is a folder; name the recipe in it");
  });
});
