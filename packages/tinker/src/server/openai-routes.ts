import { randomUUID } from "node:crypto";
import { TinkerError } from "../errors.ts";
import type { SampleOptions, SampleResult } from "../sampling.ts";
import { readValue, writeCheckpointPath } from "../wire/index.ts";
import { answer, type Exchange, type Reply } from "./exchange.ts";
import { HttpFault } from "./http-fault.ts";
import { type Choice, chatLogprobs, completionLogprobs, readChoice } from "./openai-choice.ts";
import { ChatCompletionRequest, CompletionRequest } from "./openai-request.ts";
import { type Route, route } from "./router.ts";
import type { Service } from "./service.ts";
import type { TextCodec } from "./training-backend.ts";

/** Most tokens of a completion whose request states none. */
const DEFAULT_MAX_TOKENS = 16;

/**
 * OpenAI-compatible sampling: a model is a base model's name or the `tinker://` path of saved weights. The routes stand at
 * `/v1` and, as with the hosted service, at `/oai/api/v1`.
 */
export function openAiRoutes(service: Service): readonly Route[] {
  return ["/v1", "/oai/api/v1"].flatMap((base) => [
    route(`GET ${base}/models`, () => answer({ object: "list", data: modelList(service) })),
    route(`POST ${base}/chat/completions`, (exchange) => chatCompletion(service, exchange)),
    route(`POST ${base}/completions`, (exchange) => completion(service, exchange)),
  ]);
}

function modelList({ backend, store }: Service): readonly object[] {
  const saved = store
    .runs()
    .flatMap(({ runId }) => store.list(runId))
    .filter(({ place }) => place.kind === "sampler");
  return [
    ...backend.models.map(({ name }) => ({ id: name, object: "model", created: 0, owned_by: "local" })),
    ...saved.map(({ place, time }) => ({
      id: writeCheckpointPath(place),
      object: "model",
      created: Math.floor(Date.parse(time) / 1000),
      owned_by: "local",
      parent: store.run(place.run).baseModel,
    })),
  ];
}

async function chatCompletion(service: Service, exchange: Exchange): Promise<Reply> {
  const request = readValue(ChatCompletionRequest, await exchange.json(), "chat/completions", "user");
  const model = openModel(service, request.model);
  if (!model.codec.encodeChat)
    throw new TinkerError("user", `model ${request.model} has no chat template; use /v1/completions`);
  const prompt = model.codec.encodeChat(request.messages);
  const maxTokens =
    request.max_completion_tokens ?? request.max_tokens ?? model.contextLength - prompt.length;
  const result = await sample(model, prompt, maxTokens, request.top_logprobs ?? 0, request);
  const choices = result.sequences.map((sequence, index) => {
    const choice = readChoice(sequence, model.codec, request.stop ?? []);
    return {
      index,
      message: { role: "assistant", content: choice.text, refusal: null },
      logprobs: request.logprobs ? chatLogprobs(choice) : null,
      finish_reason: choice.finishReason,
    };
  });
  const usage = usageOf([prompt], [result]);
  return answer({ ...envelope("chatcmpl", "chat.completion", request.model), choices, usage });
}

async function completion(service: Service, exchange: Exchange): Promise<Reply> {
  const request = readValue(CompletionRequest, await exchange.json(), "completions", "user");
  const model = openModel(service, request.model);
  const prompts = request.prompt.map((prompt) =>
    typeof prompt === "string" ? model.codec.encode(prompt) : Int32Array.from(prompt),
  );
  const maxTokens = request.max_tokens ?? DEFAULT_MAX_TOKENS;
  const results = await Promise.all(
    prompts.map((prompt) => sample(model, prompt, maxTokens, request.logprobs ?? 0, request)),
  );
  const texts = results.flatMap(({ sequences }) =>
    sequences.map((sequence) => readChoice(sequence, model.codec, request.stop ?? [])),
  );
  const choices = texts.map((choice: Choice, index) => ({
    index,
    text: choice.text,
    logprobs: request.logprobs === undefined ? null : completionLogprobs(choice),
    finish_reason: choice.finishReason,
  }));
  const usage = usageOf(prompts, results);
  return answer({ ...envelope("cmpl", "text_completion", request.model), choices, usage });
}

interface NamedModel {
  readonly codec: TextCodec;
  readonly contextLength: number;
  readonly batcher: ReturnType<Service["samplers"]["ofWeights"]>;
}

function openModel(service: Service, name: string): NamedModel {
  const weights = name.startsWith("tinker://")
    ? service.samplers.resolve(undefined, name)
    : service.samplers.resolve(name, undefined);
  const { maxContextLength, text } = service.base(weights.baseModel);
  if (!text) throw new HttpFault(400, `model ${name} has no tokenizer here; sample it by token ids`);
  return { codec: text, contextLength: maxContextLength, batcher: service.samplers.ofWeights(weights) };
}

async function sample(
  { batcher, codec }: NamedModel,
  prompt: Int32Array,
  maxTokens: number,
  topLogprobs: number,
  request: Pick<CompletionRequest, "n" | "seed" | "stop" | "temperature" | "top_p">,
): Promise<SampleResult> {
  const { n, seed, stop = [], temperature, top_p } = request;
  // The sampler stops at texts or at tokens: where texts are asked for, end tokens are looked for by theirs.
  const ends = stop.length > 0 ? [...stop, ...codec.endTexts] : codec.endTokens;
  const options: SampleOptions = {
    maxTokens,
    numSamples: n ?? 1,
    stop: ends as SampleOptions["stop"] & object,
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { topP: top_p }),
    ...(seed !== undefined && { seed }),
    ...(topLogprobs > 0 && { topLogprobs }),
  };
  return (await batcher).sample({ prompt, options });
}

function envelope(prefix: string, object: string, model: string): object {
  return { id: `${prefix}-${randomUUID()}`, object, created: Math.floor(Date.now() / 1000), model };
}

function usageOf(prompts: readonly Int32Array[], results: readonly SampleResult[]): object {
  const promptTokens = prompts.reduce((sum, { length }) => sum + length, 0);
  const completionTokens = results
    .flatMap(({ sequences }) => sequences)
    .reduce((sum, { tokens }) => sum + tokens.length, 0);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}
