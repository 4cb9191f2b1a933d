/** Our side of engine-train, engine-group and engine-memory: forward + backward of one batch in each round. */
import { completionDatum, type Datum, type Loss } from "@armature/tinker";
import { BaseModel } from "../../packages/engine/src/local/base-model.ts";
import { SeededStream } from "../../packages/engine/src/random/seeded-stream.ts";
import { serveRounds } from "./serve-rounds.ts";
import { engineConfig, engineLora, type ModelShape } from "./shapes.ts";

/** What both sides are told. */
export interface TrainSettings extends ModelShape {
  readonly threads: number;
  readonly batch: number;
  /** Input positions of each row. */
  readonly length: number;
  /** Tokens that the rows of a group have in common, and which have no loss; 0 in plain training. */
  readonly prompt: number;
  /** Rows that share a prompt. */
  readonly group: number;
  readonly loss: "cross_entropy" | "ppo";
  readonly recompute: boolean;
}

/** Rows of `length` + 1 tokens, the first `prompt` equal within a group: inputs are all but the last, targets all but the first. */
function batchOf({ config, batch, length, prompt, group, loss }: TrainSettings): Datum[] {
  const stream = new SeededStream(1, "tokens");
  const random = (count: number) =>
    Array.from({ length: count }, () => stream.below(config["vocab_size"] as number));
  let shared: number[] = [];
  return Array.from({ length: batch }, (_, row) => {
    if (row % group === 0) shared = random(Math.max(1, prompt));
    const completion = random(length + 1 - shared.length);
    const ones = completion.map(() => 1);
    if (loss === "cross_entropy") return completionDatum(shared, completion, { weights: ones });
    const advantages = completion.map(() => (row % 2 === 0 ? 1 : -1));
    return completionDatum(shared, completion, {
      logprobs: ones.map((one) => -one * Math.log(config["vocab_size"] as number)),
      advantages,
    });
  });
}

await serveRounds<TrainSettings>(async (settings) => {
  const { name, threads, recompute, batch, length } = settings;
  const base = await BaseModel.open(
    { kind: "random", name, config: engineConfig(settings), seed: 0 },
    // As training runs open it.
    { threads, recompute, logprobs: "weighted" },
  );
  const policy = base.policy(engineLora(settings));
  const trainer = base.trainer(policy);
  const data = batchOf(settings);
  const loss: Loss =
    settings.loss === "ppo"
      ? { name: "ppo", config: { clip_low_threshold: 0.8, clip_high_threshold: 1.28 } }
      : { name: "cross_entropy" };
  return async () => {
    policy.store.gradients.fill(0);
    await trainer.forwardBackward(data, loss);
    return batch * length;
  };
});
