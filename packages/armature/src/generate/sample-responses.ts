import { SeededStream } from "@armature/engine";
import type { Prompt } from "../data/prompt.ts";
import type { FailureKind } from "../failure.ts";
import {
  addUsage,
  type CallOptions,
  type Choice,
  type FinishReason,
  type LanguageModel,
  NO_USAGE,
  type Usage,
} from "../llm/language-model.ts";
import { ModelCallError } from "../llm/model-call-error.ts";
import { withoutThinking } from "../llm/without-thinking.ts";
import { distinctResponses } from "./distinct-responses.ts";

/** How often and how one model is asked for a prompt. */
export interface ResponseSource {
  readonly model: LanguageModel;
  /** Name under which its responses are kept; default the model's id. */
  readonly name?: string;
  /** Responses, at least 1. */
  readonly count: number;
  readonly temperature: number;
  /** Nucleus, above 0 to 1; default 1. */
  readonly topP?: number;
  /** Longest response in tokens. */
  readonly maxTokens: number;
  /** Put before the prompt's messages, in place of the prompt's own system message. */
  readonly system?: string;
}

/** Whom to ask, and which responses count as the same. */
export interface SamplingSettings {
  readonly sources: readonly ResponseSource[];
  readonly seed: number;
  /** As in `DistinctSettings`: 1 leaves out equal texts only. */
  readonly nearness?: number;
}

/** A response and where it comes from. */
export interface SampledResponse {
  readonly text: string;
  readonly model: string;
  readonly temperature: number;
  /** Seed of the request, and which of its answers this is, from 0. */
  readonly seed: number;
  readonly sample: number;
  readonly finishReason: FinishReason;
}

/** Responses that a source did not give. */
export interface SamplingFailure {
  readonly model: string;
  readonly kind: FailureKind;
  readonly detail: string;
  readonly count: number;
}

/** Responses to one prompt, in the order of the sources. */
export interface SampledResponses {
  readonly responses: readonly SampledResponse[];
  readonly failures: readonly SamplingFailure[];
  /** Responses left out because they repeat an earlier one, equal or near. */
  readonly exact: number;
  readonly near: number;
  readonly usage: Usage;
}

/**
 * Samples responses to a prompt from several models at once, one request a model. The seed of a request depends on the
 * prompt, the model and the settings' seed only. Failures are data; it rejects only where it was aborted.
 */
export async function sampleResponses(
  prompt: Prompt,
  { sources, seed, nearness = 1 }: SamplingSettings,
  options: CallOptions = {},
): Promise<SampledResponses> {
  const asked = await Promise.all(sources.map((source) => ask(prompt, source, seed, options)));
  const all = asked.flatMap(({ responses }) => responses);
  const { kept, exact, near } = distinctResponses(
    all.map(({ text }) => text),
    { nearness },
  );
  return {
    responses: kept.map((place) => all[place]!),
    failures: asked.flatMap(({ failures }) => failures),
    exact,
    near,
    usage: asked.map(({ usage }) => usage).reduce(addUsage, NO_USAGE),
  };
}

type Asked = Pick<SampledResponses, "responses" | "failures" | "usage">;

async function ask(
  { id, messages }: Prompt,
  { model, name = model.id, count, temperature, topP, maxTokens, system }: ResponseSource,
  runSeed: number,
  options: CallOptions,
): Promise<Asked> {
  const seed = new SeededStream(runSeed, "responses", id, name).uint32();
  const turns = system === undefined ? messages : messages.filter(({ role }) => role !== "system");
  try {
    const { choices, usage } = await model.complete(
      {
        messages: system === undefined ? turns : [{ role: "system", content: system }, ...turns],
        ...{ maxTokens, temperature, seed },
        ...(topP !== undefined && { topP }),
        ...(count > 1 && { n: count }),
      },
      { purpose: "response", ...options },
    );
    const read = choices.map((choice, sample) => {
      const failure = failureOf(choice);
      if (failure !== null) return { failure: { model: name, ...failure, count: 1 } };
      const text = withoutThinking(choice.text);
      return {
        response: { text, model: name, temperature, seed, sample, finishReason: choice.finishReason },
      };
    });
    return {
      responses: read.flatMap(({ response }) => response ?? []),
      failures: read.flatMap(({ failure }) => failure ?? []),
      usage,
    };
  } catch (error) {
    if (options.signal?.aborted || !ModelCallError.isInstance(error)) throw error;
    const failure = { model: name, kind: error.kind, detail: error.message, count };
    return { responses: [], failures: [failure], usage: NO_USAGE };
  }
}

/** Why an answer is no response. One that stops at the length limit is, and says so. */
function failureOf({ text, finishReason }: Choice): Pick<SamplingFailure, "kind" | "detail"> | null {
  if (finishReason === "filter") return { kind: "refusal", detail: "the provider filtered the response" };
  if (withoutThinking(text) !== "") return null;
  const detail = finishReason === "length" ? "thoughts took all of maxTokens" : "the response is empty";
  return { kind: "parse", detail };
}
