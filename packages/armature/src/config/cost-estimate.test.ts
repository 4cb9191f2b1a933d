import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { estimateCost } from "./cost-estimate.ts";
import { loadRecipe } from "./load-recipe.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-cost-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function cost(...settings: string[]) {
  writeFileSync(join(folder, "recipe.yaml"), "method: arm\npreset: sandbox\n");
  const rows = estimateCost(loadRecipe("recipe.yaml", settings, folder).recipe);
  return Object.fromEntries(rows.map((row) => [row.part, row]));
}

it("counts completions by hand: 2 rounds of 10 pairs", () => {
  const rows = cost(
    "rounds=2",
    "pairsPerRound=10",
    "judge={groupSize: 3, maxTokens: 50, passes: 1, innerUpdates: 2}",
    "generator={groupSize: 4, maxTokens: 20, passes: 3, innerUpdates: 1}",
    "evaluation={pairs: 100, everyPhasePairs: 5, votes: 5}",
  );
  // 20 cached rubrics and 20 × 3 judgements, each trained twice.
  expect(rows["judge phases"]).toMatchObject({
    decodedTokens: 20 * 20 + 60 * 50,
    trainedTokens: 60 * 50 * 2,
  });
  // 20 × 3 × 4 rubrics, each with a greedy judgement.
  expect(rows["generator phases"]).toMatchObject({ decodedTokens: 240 * 70, trainedTokens: 240 * 20 });
  // After each of 4 phases 5 pairs in both orders; before and after 100 pairs in both orders and five votes.
  expect(rows["evaluation"]).toMatchObject({
    decodedTokens: 4 * 5 * (20 + 100) + 2 * 100 * (20 + 7 * 50),
    trainedTokens: 0,
  });
});

it("leaves out what an ablation does not do", () => {
  expect(Object.keys(cost("trainGenerator=false"))).toEqual(["judge phases", "evaluation"]);
  const fresh = cost("cacheRubrics=false")["judge phases"]!.decodedTokens;
  const cached = cost()["judge phases"]!.decodedTokens;
  const fixed = cost("trainGenerator=false", "staticRubric=is clear")["judge phases"]!.decodedTokens;
  expect(fresh).toBeGreaterThan(cached);
  expect(fixed).toBeLessThan(cached);
});
