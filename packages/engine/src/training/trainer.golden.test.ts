import { describe, expect, it } from "vitest";
import { goldenWeights } from "../../test/golden/golden-weights.ts";
import { type GoldenModel, goldenData, readGolden, relativeError } from "../../test/golden/read-golden.ts";
import { type LoraConfig, loraParameters } from "../model/lora.ts";
import { readModelConfig } from "../model/model-config.ts";
import { baseParameters, ParameterStore } from "../model/parameters.ts";
import { Trainer } from "./trainer.ts";

const TOLERANCE = 2e-5;
const llama = readGolden<Record<"tied" | "untied", GoldenModel>>("llama.json");
const adapted =
  readGolden<Record<"tied" | "untied", GoldenModel & { rank: number; alpha: number; order: string[] }>>(
    "lora.json",
  );

async function compare(trainer: Trainer, golden: GoldenModel): Promise<void> {
  const { logprobs, metrics } = await trainer.forwardBackward(goldenData(golden), { name: "cross_entropy" });
  await trainer.dispose();
  expect(metrics["loss:sum"]).toBeCloseTo(golden.loss, 4);
  golden.logprobs.forEach((reference, i) => {
    expect(relativeError(logprobs[i]!, reference), `logprobs of sequence ${i}`).toBeLessThan(TOLERANCE);
  });
  expect(trainer.store.trainable.map(({ name }) => name).sort()).toEqual(
    Object.keys(golden.gradients).sort(),
  );
  for (const { name, gradient } of trainer.store.trainable)
    expect(relativeError(gradient, golden.gradients[name]!), `gradient of ${name}`).toBeLessThan(TOLERANCE);
}

describe.each(["tied", "untied"] as const)("%s embeddings", (variant) => {
  const config = readModelConfig(llama[variant].config, "config.json");

  it("gives transformers' logprobs and all its gradients", async () => {
    const store = new ParameterStore(baseParameters(config));
    store.trainable.forEach((parameter, k) => {
      store.set(parameter.name, goldenWeights(parameter, k));
    });
    await compare(new Trainer(config, store), llama[variant]);
  });

  it("gives peft's logprobs and all its gradients with LoRA everywhere", async () => {
    const golden = adapted[variant];
    const plain = readModelConfig(golden.config, "config.json");
    const lora: LoraConfig = { rank: 3, alpha: 6, attention: true, mlp: true, head: true, seed: 0 };
    const frozen = baseParameters(plain).map((spec, k) => ({ ...spec, values: goldenWeights(spec, k) }));
    const store = new ParameterStore(loraParameters(plain, lora), frozen);
    for (const parameter of store.trainable)
      store.set(parameter.name, goldenWeights(parameter, golden.order.indexOf(parameter.name)));
    await compare(new Trainer(plain, store, { lora }), golden);
  });
});
