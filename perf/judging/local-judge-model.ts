import { LocalEngine, openModel } from "@armature/engine";
import type { DecisionModel } from "../../packages/armature/src/judge/decision-model.ts";
import { chatEncoder } from "../../packages/armature/src/judge/engine-chat-encoder.ts";
import { samplerDecisions } from "../../packages/armature/src/judge/sampler-decisions.ts";
import type { LanguageModel } from "../../packages/armature/src/llm/language-model.ts";
import { PolicyModel } from "../../packages/armature/src/llm/policy-model.ts";

/** A local model that writes, and that gives options probabilities, in one engine. */
export async function openJudgeModel(
  path: string,
): Promise<{ readonly model: LanguageModel; readonly decisions: DecisionModel }> {
  const description = openModel(path);
  description.weights.close();
  const encoder = chatEncoder(description);
  const engine = await LocalEngine.open({ kind: "path", path });
  const shared = {
    id: path.split("/").at(-1)!,
    sampler: await engine.baseSampler(),
    encoder,
    contextLength: engine.info.maxContextLength,
  };
  return {
    model: new PolicyModel({ ...shared, endTexts: [], close: () => engine.close() }),
    decisions: samplerDecisions(shared),
  };
}
