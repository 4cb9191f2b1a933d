import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stopAfter } from "../../../test/run/stop-after.ts";
import { loadRecipe } from "../../config/load-recipe.ts";
import type { GrpoRecipe } from "../../config/policy-recipe.ts";
import type { PolicyReward } from "../../reward/policy-reward.ts";
import { sandboxTruthReward } from "../../reward/sandbox-truth-reward.ts";
import { SILENT_PROGRESS } from "../../run/progress.ts";
import { RunDirectory } from "../../run/run-directory.ts";
import { openPolicy } from "../open-policy.ts";
import { policyData } from "../policy-data.ts";
import type { PolicyPosition } from "../policy-session.ts";
import { GrpoMethod, runGrpo } from "./grpo-run.ts";
import { minimalGrpo } from "./minimal-grpo.ts";

const folder = mkdtempSync(join(tmpdir(), "armature-grpo-run-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = [
  "steps=4",
  "promptsPerBatch=4",
  "groupSize=3",
  "maxTokens=20",
  "learningRateSchedule=constant",
  "evaluation.prompts=2",
  "evaluation.samples=1",
  "evaluation.every=0",
  "output.commitEvery=2",
];

function load(settings: readonly string[]): GrpoRecipe {
  const file = join(folder, "recipe.yaml");
  writeFileSync(file, "method: grpo\npreset: sandbox\nreward: {kind: sandbox-truth}\n");
  return loadRecipe(file, [...SMALL, ...settings], folder).recipe as GrpoRecipe;
}

/** The method without a session: a policy, the sandbox's prompts and any reward. */
async function opened(name: string, settings: readonly string[], reward: PolicyReward) {
  const recipe = load(settings);
  const run = RunDirectory.start<PolicyPosition>(join(folder, name), { recipe });
  const { model, writer, close } = await openPolicy(recipe, (path) => path, run.checkpointPath(""));
  const data = await policyData(recipe, (path) => path, writer);
  const base = await model.samplerNow().result;
  const position = { steps: 0, snapshot: null, kept: {} };
  return {
    training: { recipe, run, model, writer, base, data, reward, position, progress: SILENT_PROGRESS },
    close: async () => {
      await close();
      run.close();
    },
  };
}

/** Runs until the end, or until the stop is requested for the `stopAt`-th time it is asked. */
async function train(name: string, settings: readonly string[], stopAt = Number.POSITIVE_INFINITY) {
  const recipe = load(settings);
  const run = RunDirectory.start(join(folder, name), { recipe });
  const interruption = stopAfter(stopAt);
  try {
    return await runGrpo({ recipe, resolve: (path) => path, run, progress: SILENT_PROGRESS, interruption });
  } finally {
    run.close();
  }
}

const metricsOf = (name: string) => readFileSync(join(folder, name, "metrics.jsonl"), "utf8");
const weightsOf = (name: string, checkpoint: string) =>
  readdirSync(join(folder, name, "checkpoints", checkpoint), { recursive: true })
    .map(String)
    .filter((file) => file.endsWith(".safetensors"))
    .sort()
    .map((file) => readFileSync(join(folder, name, "checkpoints", checkpoint, file)).toString("base64"));

describe("GRPO at staleness 0", () => {
  it("gives the weights and metrics of the plain loop, bit for bit", async () => {
    const piped = await opened("piped", ["innerUpdates=2"], sandboxTruthReward());
    const method = new GrpoMethod(piped.training);
    const seen: object[] = [];
    for (let index = 0; index < 3; index++) seen.push((await method.step(index)).metrics);
    await piped.training.model.saveState("end").result;
    await method.dispose();
    await piped.close();

    const plain = await opened("plain", ["innerUpdates=2"], sandboxTruthReward());
    const { recipe, model, writer, base, data, reward } = plain.training;
    const metrics = await minimalGrpo({ recipe, model, base, writer, prompts: data.train, reward }, 3);
    metrics.forEach((each, index) => void expect(seen[index]).toMatchObject({ ...each }));
    await model.saveState("end").result;
    await plain.close();
    expect(weightsOf("piped", "end").length).toBeGreaterThan(0);
    expect(weightsOf("piped", "end")).toEqual(weightsOf("plain", "end"));
  });
});

describe("GRPO with staleness", () => {
  it("samples the next batch while the judge is busy, and trains on weights of the stated age", async () => {
    let calls = 0;
    const waiting: (() => void)[] = [];
    const truth = sandboxTruthReward();
    // Each judging ends only when the next one has begun: the plain loop would wait for ever.
    const linked: PolicyReward = {
      ...truth,
      reward: async (groups) => {
        waiting.splice(0).forEach((go) => void go());
        if (++calls < 4) await new Promise<void>((go) => waiting.push(go));
        return truth.reward(groups);
      },
    };
    const { training, close } = await opened("linked", ["staleness=1"], linked);
    const method = new GrpoMethod(training);
    const ages = [];
    for (let index = 0; index < 4; index++) ages.push((await method.step(index)).metrics["staleness"]);
    expect(ages).toEqual([0, 1, 1, 1]);
    await method.dispose();
    await close();
  });

  it("gives up a judging under way when it is disposed of", async () => {
    let aborted = 0;
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const stuck: PolicyReward = {
      ...sandboxTruthReward(),
      reward: (_, options) =>
        new Promise((_, reject) => {
          options?.signal?.addEventListener("abort", () => {
            aborted += 1;
            reject(new Error("aborted"));
          });
          begin();
        }),
    };
    const { training, close } = await opened("stuck", ["staleness=1"], stuck);
    const method = new GrpoMethod(training);
    await begun;
    await method.dispose();
    // The second batch may still have been sampled: its judging is not begun any more.
    expect(aborted).toBeGreaterThan(0);
    await close();
  });
});

describe("a GRPO run that is interrupted", () => {
  it.each([
    ["staleness 1", ["staleness=1"]],
    [
      "all switches",
      [
        ...["staleness=2", "refills=2", "overlong.mask=true", "overlong.buffer=4", "trainedRollouts=2"],
        ...["baseline=score", "klPlacement=advantage", "grpo.advantageStd=batch"],
        "curriculum={successAt: 4, pool: 2, choice: thompson, decay: 0.9}",
      ],
    ],
  ])("goes on as if nothing had happened: %s", async (name, settings) => {
    const [whole, broken] = [`whole ${name}`, `broken ${name}`];
    expect((await train(whole, settings)).status).toBe("finished");
    expect((await train(broken, settings, 1)).status).toBe("interrupted");
    expect((await train(broken, settings, 2)).status).toBe("interrupted");
    // As after kill -9: work that was not committed is there, and cut away.
    writeFileSync(join(folder, broken, "metrics.jsonl"), `${metricsOf(broken)}{"kind":"grpo","ste`);
    mkdirSync(join(folder, broken, "checkpoints", "batches-99"));
    expect((await train(broken, settings)).status).toBe("finished");
    expect(metricsOf(broken)).toBe(metricsOf(whole));
    expect(weightsOf(broken, "policy-4")).toEqual(weightsOf(whole, "policy-4"));
    expect(readdirSync(join(folder, broken, "checkpoints"))).toEqual(["policy-4"]);
  });
});

describe("refilling", () => {
  it("samples further prompts until enough groups differ, at most as often as stated", async () => {
    // Every other prompt that is asked about teaches nothing.
    const rewarding = (varied: (asked: number) => boolean): PolicyReward => {
      let asked = 0;
      return {
        ...sandboxTruthReward(),
        reward: async (groups) =>
          groups.map(({ responses }) => {
            const differs = varied(asked++);
            return responses.map((_, i) => ({ value: differs ? i : 1, components: {} }));
          }),
      };
    };
    const refilled = async (name: string, varied: (asked: number) => boolean) => {
      const { training, close } = await opened(name, ["refills=3", "promptsPerBatch=8"], rewarding(varied));
      const method = new GrpoMethod(training);
      const { metrics, rollouts } = await method.step(0);
      await method.dispose();
      await close();
      const prompts = new Set(rollouts!["policy"]!.map((record) => (record as { prompt: string }).prompt));
      return { metrics, prompts: prompts.size };
    };
    // 8 prompts with 4 varied groups, then 4 with 2, then 2 with 1, then 1, which is the last refill.
    const half = await refilled("half", (asked) => asked % 2 === 0);
    expect(half.metrics).toMatchObject({ refilledPrompts: 7, keptShare: 1, optimizerSteps: 1 });
    expect(half.prompts).toBe(15);
    const none = await refilled("none", () => false);
    expect(none.metrics).toMatchObject({ refilledPrompts: 24, constantGroups: 1, optimizerSteps: 0 });
    const all = await refilled("all", () => true);
    expect(all.metrics).toMatchObject({ refilledPrompts: 0, constantGroups: 0 });
  });
});
