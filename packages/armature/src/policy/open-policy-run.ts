import { basename } from "node:path";
import { openModel } from "@armature/engine";
import { PolicyModel } from "../llm/policy-model.ts";
import { nanoModelPath } from "../train/arm-models.ts";
import { openTrainedPolicy, readPolicyRun } from "./evaluation/trained-policy.ts";

/**
 * The policy that a run saved last, as a language model that answers as it was trained: through the same writer, at most as
 * long. `name` is how messages call the run. Throws `RunError` where the folder is no run, the run trains no policy, or
 * nothing was saved yet; errors of `openPolicy`.
 */
export async function openPolicyRun(path: string, name: string): Promise<PolicyModel> {
  const run = readPolicyRun(name, path);
  const { model } = run.recipe;
  const base = model.kind === "sandbox" ? nanoModelPath("policy") : run.resolve(model.path);
  const { config: shape, tokenizer, weights } = openModel(base);
  weights.close();
  const policy = await openTrainedPolicy({
    ...run,
    recipe: { ...run.recipe, model: { ...model, url: null } },
  });
  const { speaker, prompt } = policy.writer;
  return new PolicyModel({
    id: `${basename(path)}+${run.id}`,
    sampler: await policy.model.samplerNow().result,
    encoder: {
      encodeChat: (messages) => Int32Array.from(prompt({ id: "", messages })),
      encode: (text) => withoutEnd(speaker.encodeCompletion(text), speaker.stop),
      decode: speaker.decode,
      eosTokens: speaker.stop,
    },
    endTexts: speaker.stop.map((token) => tokenizer.decode([token])).filter((text) => text !== ""),
    contextLength: shape.maxContextLength,
    maxTokens: speaker.maxTokens,
    alternatives: true,
    close: policy.close,
  });
}

function withoutEnd(tokens: Int32Array, stop: readonly number[]): Int32Array {
  return stop.includes(tokens.at(-1) ?? -1) ? tokens.subarray(0, -1) : tokens;
}
