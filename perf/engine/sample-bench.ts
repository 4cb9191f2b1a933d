/** Our side of engine-sample: greedy continuations of a batch of different prompts in each round. */
import { BaseModel } from "../../packages/engine/src/local/base-model.ts";
import { SeededStream } from "../../packages/engine/src/random/seeded-stream.ts";
import { serveRounds } from "./serve-rounds.ts";
import { engineConfig, type ModelShape } from "./shapes.ts";

/** What both sides are told. */
export interface SampleSettings extends ModelShape {
  readonly threads: number;
  readonly batch: number;
  /** Tokens of each prompt. */
  readonly prompt: number;
  readonly new_tokens: number;
}

await serveRounds<SampleSettings>(async (settings) => {
  const { name, threads, batch, prompt, new_tokens } = settings;
  const config = engineConfig(settings);
  const base = await BaseModel.open({ kind: "random", name, config, seed: 0 }, { threads });
  const decoder = base.decoder(base.basePolicy());
  const stream = new SeededStream(1, "prompts");
  const requests = Array.from({ length: batch }, () => ({
    prompt: Array.from({ length: prompt }, () => 3 + stream.below(config.vocabularySize - 3)),
    options: { maxTokens: new_tokens, temperature: 0 },
  }));
  return async () => {
    const results = await decoder.sampleMany(requests);
    return results.reduce((sum, { sequences }) => sum + sequences[0]!.tokens.length, 0);
  };
});
