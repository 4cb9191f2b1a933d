import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeByWords } from "../../../test/judge/word-judge.ts";
import { type Behaviour, ChatServer } from "../../../test/llm/chat-server.ts";
import type { RewardOf } from "../../config/reward-recipe.ts";
import { textPrompt } from "../../data/read-prompts.ts";
import { openReward } from "./open-reward.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-language-judge-"));
let server: ChatServer;
let behave: () => Behaviour = () => ({ kind: "answer" });
beforeAll(async () => {
  server = await ChatServer.start({ answer: judgeByWords, behave: () => behave() });
  const rubric = {
    criteria: [{ text: "Says hello.", weight: 3 }, { text: "Says friend." }],
  };
  writeFileSync(
    join(folder, "rubrics.jsonl"),
    `${JSON.stringify({ prompt: "Greet.", rubric, reference: "hi" })}\n`,
  );
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const opening = { resolve: (path: string) => join(folder, path), seed: 0, threads: 1, sandbox: false };
const recipe = (more: Partial<RewardOf<"language-judge">>): RewardOf<"language-judge"> => ({
  ...{ kind: "language-judge", model: server.url, modelName: "words", apiKeyEnv: null, mode: "criteria" },
  ...{ aggregate: null, minCoverage: 0, rubricFile: "rubrics.jsonl", criteriaPerCall: null, temperature: 0 },
  ...{ maxTokens: null, concurrency: 4 },
  ...more,
});
const GREET = textPrompt("Greet.");
const group = (...responses: string[]) => ({ prompt: GREET, responses, tokens: responses.map(() => 1) });

describe("a language model as a policy's reward", () => {
  it("judges each distinct response by its prompt's rubric, and after a restart asks nothing twice", async () => {
    const answers = join(folder, "run", "reward", "answers.jsonl");
    const responses = ["hello friend", "hello", "friend", "hello"];
    for (const asked of [6, 0]) {
      const before = server.stats.received;
      const { reward, close } = await openReward(recipe({}), { ...opening, answers });
      const [rewards] = await reward.reward([group(...responses)]);
      // (3 · [hello] + 1 · [friend]) / 4.
      expect(rewards!.map(({ value }) => value)).toEqual([1, 0.75, 0.25, 0.75]);
      expect(rewards![0]!.components).toEqual({ coverage: 1 });
      expect(
        await reward.prefer([{ prompt: GREET, first: "friend", second: "hello", tokens: [1, 1] }]),
      ).toEqual(["second"]);
      await close();
      expect(server.stats.received - before).toBe(asked);
    }
  });

  it.each([
    ["likert", null, 4 / 9],
    ["likert", "rating-share", 5 / 10],
    ["implicit", null, 4 / 9],
    ["reference-likert", null, 4 / 9],
  ] as const)("rates a response as a whole: %s, %s", async (mode, aggregate, value) => {
    const rubricFile = mode === "likert" ? null : "rubrics.jsonl";
    const { reward, close } = await openReward(recipe({ mode, aggregate, rubricFile }), opening);
    expect((await reward.reward([group("hello")]))[0]![0]!.value).toBeCloseTo(value, 12);
    await close();
  });

  it("is null where the judge's words cannot be read", async () => {
    behave = () => ({ kind: "answer", texts: ["no verdict"] });
    const { reward, close } = await openReward(recipe({}), opening);
    expect((await reward.reward([group("hello")]))[0]![0]).toEqual({
      value: null,
      components: { coverage: 0 },
    });
    expect(await reward.prefer([{ prompt: GREET, first: "hello", second: "no", tokens: [1, 1] }])).toEqual([
      "undecided",
    ]);
    await close();
    behave = () => ({ kind: "answer" });
  });

  it.each([
    [{ rubricFile: null }, "reward.rubricFile is null; with mode criteria name a file of rubrics by prompt"],
    [
      { rubricFile: null, mode: "reference-likert" },
      "reward.rubricFile is null; with mode reference-likert name a file of rubrics with references by prompt",
    ],
    [{ mode: "likert", aggregate: "mean" }, "reward.aggregate is mean; with mode likert choose rating-range"],
    [{ rubricFile: "none.jsonl" }, "none.jsonl"],
  ] as const)("refuses %j", async (more, message) => {
    await expect(openReward(recipe(more), opening)).rejects.toThrow(message);
  });

  it("names a prompt without rubric", async () => {
    const { reward, close } = await openReward(recipe({}), opening);
    const asked = [{ ...group("hello"), prompt: textPrompt("Part.") }];
    await expect(reward.reward(asked)).rejects.toThrow(/rubrics.jsonl: prompt \w+ has no rubric/);
    await close();
  });
});
