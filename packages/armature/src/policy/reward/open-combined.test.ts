import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { namedFiles } from "../../cli/run-files.ts";
import { loadRecipe } from "../../config/load-recipe.ts";
import type { GrpoRecipe } from "../../config/policy-recipe.ts";
import { policyPrompts } from "../../sandbox/policy-prompts.ts";
import { openReward } from "./open-reward.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-combined-"));
afterAll(() => rmSync(folder, { recursive: true }));

const RUBRIC = `rubric:
  criteria:
    - { id: note, text: It is a note., weight: 1, verifier: { name: "sandbox:note", parameters: {} } }
    - { id: time, text: It gives a time., weight: 3, verifier: { name: "sandbox:rule", parameters: { rule: time } } }
`;
writeFileSync(join(folder, "note.yaml"), RUBRIC);
writeFileSync(
  join(folder, "recipe.yaml"),
  `method: grpo
preset: sandbox
steps: 1
promptsPerBatch: 1
reward:
  kind: combined
  parts:
    truth: { reward: { kind: sandbox-truth } }
    note: { weight: 0, reward: { kind: program-rubric, rubricFile: note.yaml } }
`,
);
const load = (...settings: string[]) => loadRecipe(join(folder, "recipe.yaml"), settings, folder);
const opening = { resolve: (path: string) => join(folder, path), seed: 0, threads: 1, sandbox: true };
const open = (...settings: string[]) => openReward((load(...settings).recipe as GrpoRecipe).reward, opening);

describe("a combined reward of a recipe", () => {
  it("takes the defaults of its parts and of their kinds, and settings by name", () => {
    expect((load("reward.parts.note.gate=1").recipe as GrpoRecipe).reward).toEqual({
      kind: "combined",
      parts: {
        truth: { weight: 1, gate: null, reward: { kind: "sandbox-truth" } },
        note: {
          weight: 0,
          gate: 1,
          reward: { kind: "program-rubric", rubricFile: "note.yaml", aggregation: "chasing-the-tail" },
        },
      },
      closedValue: 0,
      lengthPenalty: null,
    });
  });

  it("lets a setting choose another kind for a part", () => {
    const { reward } = load("reward.parts.truth.reward={kind: bradley-terry, run: there}")
      .recipe as GrpoRecipe;
    expect(reward).toMatchObject({ parts: { truth: { reward: { kind: "bradley-terry", run: "there" } } } });
  });

  it.each([
    ["reward.parts.note.wieght=1", /unknown key reward.parts.note.wieght; did you mean weight/],
    ["reward.parts.note.reward.kind=combined", /choose sandbox-truth, rubric-arm/],
    ["reward.parts.note.reward.rubricFile=none.yaml", /reward.parts.note.reward.rubricFile names none.yaml/],
  ])("refuses %s", (setting, message) => {
    expect(() => namedFiles(load(setting))).toThrow(message);
  });

  it("pays nothing for a text that is no note, and logs parts by name", async () => {
    const { reward, close } = await open("reward.parts.note.gate=0.25", "reward.closedValue=-2");
    const prompt = policyPrompts().heldOut.find(({ messages }) =>
      messages[0]!.content.endsWith("about the late train . give a time ."),
    )!;
    const responses = ["the train is late .", "the train is late . at nine .", "at nine"];
    const [rewards] = await reward.reward([{ prompt, responses, tokens: [5, 8, 2] }]);
    expect(rewards!.map(({ value }) => value)).toEqual([0, 3, -2]);
    expect(rewards![1]!.components).toMatchObject({ truth: 3, note: 1, "note.time": 1, open: 1 });
    expect(rewards![2]!.components).toMatchObject({ truth: -1, note: 0, "note.note": 0, open: 0 });
    await close();
  });

  it("refuses a sum without parts, and a gate that compares responses", async () => {
    await expect(open("reward.parts.truth.weight=0")).rejects.toThrow(/no part has a weight/);
    const relative = ["reward.parts.truth.reward={kind: rubric-arm}", "reward.parts.truth.gate=1"];
    await expect(open(...relative)).rejects.toThrow(/reward.parts.truth.gate: rubric-arm compares responses/);
  });
});
