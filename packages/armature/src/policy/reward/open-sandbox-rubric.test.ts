import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadRecipe } from "../../config/load-recipe.ts";
import type { PolicyRecipe } from "../../config/policy-recipe.ts";
import { categorisedRubric } from "../../sandbox/request-rubrics.ts";
import { openReward } from "./open-reward.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-sandbox-rubric-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const messages = [
  { role: "user", content: "write to the child about the wet roof . give a time ." },
] as const;
const prompt = { id: "p", messages };
const responses = ["the roof is wet . at nine . sent with love .", "the roof is wet . let us tickle ."];

writeFileSync(
  join(folder, "rubrics.jsonl"),
  `${JSON.stringify({ prompt: messages, rubric: categorisedRubric(["time", "playful", "warm"], { pitfall: true }) })}\n`,
);

async function values(settings: string, texts: readonly string[] = responses) {
  writeFileSync(
    join(folder, "recipe.yaml"),
    `method: grpo\npreset: sandbox\nreward: {kind: sandbox-rubric, ${settings}}\n`,
  );
  const { recipe, resolve } = loadRecipe("recipe.yaml", [], folder);
  const { reward, close } = await openReward((recipe as PolicyRecipe).reward, {
    resolve,
    seed: 0,
    threads: 1,
    sandbox: true,
  });
  const [rewards] = await reward.reward([{ prompt, responses: texts, tokens: texts.map(() => 9) }]);
  const [preference] = await reward.prefer([{ prompt, first: texts[0]!, second: texts[1]!, tokens: [9, 9] }]);
  await close();
  return {
    id: reward.id,
    values: rewards!.map(({ value }) => value),
    parts: rewards![0]!.components,
    preference,
  };
}

const FILE = "rubrics: file, rubricFile: rubrics.jsonl";

describe("pointwise rubric rewards of the sandbox", () => {
  // The first response gives a time and is warm, the second is playful; both avoid money.
  it("aggregates by the paper's category weights", async () => {
    const explicit = await values(FILE);
    expect(explicit.id).toBe("rar-explicit(file, program, noise 0)");
    expect(explicit.values[0]).toBeCloseTo((1 + 0.3 + 0.9) / 2.9);
    expect(explicit.values[1]).toBeCloseTo((0.7 + 0.9) / 2.9);
    expect(explicit.parts).toEqual({ rules: 1, principles: 0.5 });
    expect(explicit.preference).toBe("first");
  });

  it("leaves out categories and labels", async () => {
    expect((await values(`${FILE}, categories: [essential]`)).values).toEqual([1, 0]);
    const noPitfalls = await values(`${FILE}, categories: [essential, important, optional]`);
    expect(noPitfalls.values[0]).toBeCloseTo(1.3 / 2);
    const unlabelled = await values(`${FILE}, labels: false`);
    expect(unlabelled.values[0]).toBeCloseTo(3 / 4);
    expect(unlabelled.values[1]).toBeCloseTo(2 / 4);
    expect(unlabelled.id).toBe("rar-explicit(file, no labels, program, noise 0)");
  });

  it("knows the other aggregations", async () => {
    // Weights 3, 1, 1 and 1.
    expect((await values(`${FILE}, scoring: chasing-the-tail`)).values).toEqual([5 / 6, 2 / 6]);
    // Ratings 10 − 2 and 10 − 4 − 1.
    expect((await values(`${FILE}, scoring: implicit`)).values).toEqual([7 / 9, 4 / 9]);
    const generic = await values("rubrics: generic, scoring: mean, categories: [important, optional]");
    expect(generic.values).toEqual([1, 1]);
    expect(generic.preference).toBe("tie");
  });

  it("rates without any rubric", async () => {
    const { id, values: likert, parts } = await values("scoring: likert");
    expect(id).toBe("likert(program, noise 0)");
    // 1 + 5 + 4/3 = 7.33 for the first; the second breaks its rule, which is seen or not: 2.33 or 7.33.
    expect(likert[0]).toBeCloseTo(6 / 9);
    expect([1 / 9, 6 / 9]).toContain(likert[1]);
    expect(parts).toEqual({});
    const bare = await values("scoring: reference-likert", ["the roof is wet .", "no note"]);
    expect(bare.values[0]).toBeGreaterThan(0);
    expect(bare.values[1]).toBe(0);
  });

  it("takes the teacher's rubric where a recipe says nothing else, another one for each seed", async () => {
    const [first, second] = await Promise.all(
      [0, 1].map(async (seed) => {
        const recipe = { rubrics: "teacher" } as const;
        writeFileSync(
          join(folder, `seed-${seed}.yaml`),
          "method: grpo\npreset: sandbox\nreward: {kind: sandbox-rubric}\n",
        );
        const loaded = loadRecipe(`seed-${seed}.yaml`, [], folder);
        expect((loaded.recipe as PolicyRecipe).reward).toMatchObject(recipe);
        const opening = { resolve: loaded.resolve, seed, threads: 1, sandbox: true };
        const { reward } = await openReward((loaded.recipe as PolicyRecipe).reward, opening);
        const prompts = Array.from({ length: 50 }, (_, i) => ({ ...prompt, id: `p${i}` }));
        return reward.reward(
          prompts.map((each) => ({ prompt: each, responses: [responses[0]!], tokens: [9] })),
        );
      }),
    );
    expect(first).not.toEqual(second);
  });

  it("asks the warm-up generator for rubrics and reads the warm-up judge's verdicts", async () => {
    const texts = [...responses, "the <gen> is wet ."];
    const read = await values("rubrics: generator, reader: nano-judge, scoring: mean", texts);
    expect(read.id).toBe("mean(generator, nano judge (warm-up))");
    // The rule stands in the rubric and is kept by the first response only.
    expect(read.values[0]).toBeGreaterThan(read.values[1]!);
    expect(read.parts["rules"]).toBe(1);
    expect(read.values[2]).toBeNull();
  });

  it("names what a recipe lacks", async () => {
    await expect(values("scoring: likert, reader: nano-judge")).rejects.toThrow(
      "set reward.reader to program",
    );
    await expect(values("reader: nano-judge, verdictNoise: 0.1")).rejects.toThrow(
      "set it to 0 for the nano judge",
    );
    await expect(values("rubrics: file")).rejects.toThrow(
      "reward.rubricFile is null; name the file that reward.rubrics: file reads",
    );
    writeFileSync(
      join(folder, "other.jsonl"),
      `${JSON.stringify({ prompt: "hello", rubric: ["is warm"] })}\n`,
    );
    await expect(values("rubrics: file, rubricFile: other.jsonl")).rejects.toThrow("prompt p has no rubric");
    await expect(
      values("rubrics: file, rubricFile: rubrics.jsonl, categories: [optional]"),
    ).resolves.toMatchObject({
      values: [1, 0],
    });
  });
});
