import { contentId } from "../data/content-id.ts";
import { ConfigError } from "../errors.ts";
import type { LanguageModel } from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";
import type { ModelSource } from "./model-source.ts";
import type { LanguageModelSettings } from "./open-language-model.ts";
import { OpenAICompatibleModel } from "./openai-compatible.ts";
import { ReplayingModel } from "./replaying-model.ts";
import { ScriptedModel, type ScriptedReply } from "./scripted-model.ts";

/** A model without any wrapper. The engine is loaded only for a model of its own. */
export async function openBareModel(
  source: ModelSource,
  settings: LanguageModelSettings,
): Promise<LanguageModel> {
  switch (source.kind) {
    case "endpoint": {
      const { baseUrl, model, id, body, responseFormat, maxTokensField, apiKeyEnv, apiKeyHeader } = source;
      const apiKey = apiKeyEnv === undefined ? undefined : keyIn(apiKeyEnv, settings);
      return new OpenAICompatibleModel({
        ...{ baseUrl, model, id, body, responseFormat, maxTokensField, apiKey, apiKeyHeader },
        apiKeyName: apiKeyEnv,
      });
    }
    case "path": {
      const { openPolicyModel } = await import("./open-policy-model.ts");
      return openPolicyModel(source.path, { threads: source.threads, id: source.id });
    }
    case "run": {
      const { openPolicyRun } = await import("../policy/open-policy-run.ts");
      return openPolicyRun(source.path, source.name);
    }
    case "replay":
      return ReplayingModel.open(source.file, source.model);
    case "scripted":
      return scripted(source);
    case "given":
      return source.model;
  }
}

/** @throws ConfigError where the variable is not set; the key itself is never shown. */
function keyIn(variable: string, { environment = process.env }: LanguageModelSettings): string {
  const key = environment[variable]?.trim();
  if (!key)
    throw new ConfigError(`--api-key-env ${variable}: the variable is not set; export it with the key`);
  return key;
}

function scripted({ replies, id }: Extract<ModelSource, { kind: "scripted" }>): LanguageModel {
  const name = id ?? `scripted-${contentId(replies)}`;
  return new ScriptedModel(({ messages }): ScriptedReply => {
    const asked = messages.at(-1)?.content ?? "";
    const found = replies.find(({ contains }) => contains === undefined || asked.includes(contains));
    if (found) return found.reply;
    return new ModelCallError(`${name}: no reply fits ${JSON.stringify(asked.slice(0, 80))}; add one`, {
      kind: "infrastructure",
      retryable: false,
    });
  }, name);
}
