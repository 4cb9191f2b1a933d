import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { PRESETS } from "../../config/presets.ts";
import { armRecipe } from "../../config/recipe-schema.ts";
import { RunDirectory } from "../../run/run-directory.ts";
import { policyPrompts } from "../../sandbox/policy-prompts.ts";
import { openReward } from "./open-reward.ts";

// Opens real models, which takes long on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), "armature-rubric-arm-"));
afterAll(() => rmSync(folder, { recursive: true }));

const opening = { resolve: (path: string) => path, seed: 0, threads: 1, sandbox: true };
const recipe = { kind: "rubric-arm", run: null, rubric: null, temperature: 0 } as const;

describe("opening a Rubric-ARM reward", () => {
  it("judges notes by the warm-up models, with their rubric or a generic one", async () => {
    const prompt = policyPrompts().heldOut[0]!;
    for (const rubric of [null, "generic"]) {
      const { reward, close } = await openReward({ ...recipe, rubric }, opening);
      try {
        const responses = ["the train is late .", "the train is late . at nine . in the hall ."];
        const [[first, second]] = (await reward.reward([
          { prompt, responses, tokens: [5, 12], greedy: responses[0]! },
        ])) as [[{ value: number | null }, { value: number | null; components: object }]];
        expect(first.value).toBe(0.5);
        expect([0, 0.5, 1]).toContain(second.value);
        expect(second.components).toMatchObject({ rubricForm: 1 });
        expect(reward.id).toBe(rubric === null ? "rubric-arm (warm-up)" : "direct judge (warm-up)");
      } finally {
        await close();
      }
    }
  });

  it("refuses models that do not read the policy's prompts, and folders that are no run of method arm", async () => {
    await expect(openReward(recipe, { ...opening, sandbox: false })).rejects.toThrow(/reward.run is null/);
    const empty = join(folder, "empty");
    await expect(openReward({ ...recipe, run: empty }, opening)).rejects.toThrow(/no run here/);
    const fresh = join(folder, "fresh");
    const arm = armRecipe.parse({ method: "arm", preset: "sandbox", ...PRESETS.arm["sandbox"] });
    const run = RunDirectory.start(fresh, { recipe: arm });
    await expect(openReward({ ...recipe, run: fresh }, opening)).rejects.toThrow(/nothing was saved yet/);
    run.commitState({ position: 0, checkpoints: {} });
    run.close();
    await expect(openReward({ ...recipe, run: fresh }, { ...opening, sandbox: false })).rejects.toThrow(
      /a sandbox run judges sandbox policies only/,
    );
  });
});
