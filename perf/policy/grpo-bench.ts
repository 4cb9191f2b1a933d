/** Our side of grpo-speed: one GRPO step in the sandbox in each round. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GrpoMethod } from "../../packages/armature/src/policy/grpo/grpo-run.ts";
import { type PolicyReward, preferByValue } from "../../packages/armature/src/reward/policy-reward.ts";
import { serveRounds } from "../engine/serve-rounds.ts";
import { openTraining } from "./open-training.ts";

/** What both sides are told. */
export interface GrpoBenchSettings {
  /** Folder of the policy, in Hugging Face layout. */
  readonly model: string;
  readonly threads: number;
  /** Prompts a step. */
  readonly batch: number;
  /** Responses a prompt. */
  readonly group: number;
  /** Tokens of every response. */
  readonly length: number;
  readonly learningRate: number;
  readonly klBeta: number;
  /** The prompts, as words and as tokens. */
  readonly prompts: readonly (readonly string[])[];
  readonly prompts_as_tokens: readonly (readonly number[])[];
}

/** The share of words with an even number of letters: a reward that costs nothing. `rewarded` is told of every batch. */
function evenWords(rewarded: () => void): PolicyReward {
  const share = (text: string) => {
    const words = text.split(/\s+/).filter((word) => word !== "");
    return words.filter(({ length }) => length % 2 === 0).length / Math.max(1, words.length);
  };
  const reward: PolicyReward["reward"] = async (groups) => {
    rewarded();
    return groups.map(({ responses }) => responses.map((text) => ({ value: share(text), components: {} })));
  };
  return {
    id: "even-words",
    needsGreedy: false,
    reward,
    prefer: (pairs) => preferByValue({ reward }, pairs),
  };
}

await serveRounds<GrpoBenchSettings>(async (settings) => {
  const { batch, group, length, learningRate, klBeta, threads } = settings;
  let batches = 0;
  let waiting: { readonly batches: number; readonly resolve: () => void } | null = null;
  const rewarded = () => {
    batches += 1;
    if (waiting && batches >= waiting.batches) waiting.resolve();
  };
  const batchesAre = (wanted: number) =>
    new Promise<void>((resolve) => {
      if (batches >= wanted) resolve();
      else waiting = { batches: wanted, resolve };
    });
  const folder = mkdtempSync(join(tmpdir(), "armature-grpo-bench-"));
  const { training } = await openTraining(
    folder,
    "bench",
    [
      ...[`promptsPerBatch=${batch}`, `groupSize=${group}`, `maxTokens=${length}`, "steps=10000"],
      ...[`learningRate=${learningRate}`, "learningRateSchedule=constant", `klBeta=${klBeta}`],
      ...["klEstimator=k3", `model.threads=${threads}`],
    ],
    evenWords(rewarded),
  );
  // No response ends early, so that both sides do the same work in every step.
  const speaker = { ...training.writer.speaker, stop: [], maxTokens: length };
  const method = new GrpoMethod({ ...training, writer: { ...training.writer, speaker } });
  let step = 0;
  await batchesAre(1);
  return async () => {
    const { metrics } = await method.step(step++);
    // The next batch begins when an update ends. A round holds it, too, or it would be done in the peer's time.
    await batchesAre(step + 1);
    if (metrics["completionLength"] !== length)
      throw new Error(`responses of ${metrics["completionLength"]} tokens`);
    return batch * group * length;
  };
});
