import { type SampleRequest, TinkerError, type TokenIds } from "@armature/tinker";
import type { ModelConfig } from "../model/model-config.ts";
import { SeededStream } from "../random/seeded-stream.ts";
import { GrowingSequence } from "./growing-sequence.ts";
import type { TokenChoice } from "./next-token.ts";
import { type DecodeText, stopCondition } from "./stop-condition.ts";

/** Sequences that continue the same prompt at the same temperature: it is read once for all of them. */
export interface PromptGroup {
  readonly prompt: TokenIds;
  /** 1 for greedy ones. */
  readonly temperature: number;
  readonly sequences: GrowingSequence[];
}

export interface SamplePlan {
  /** The longest prompts first. */
  readonly groups: readonly PromptGroup[];
  /** The sequences of each request, in the order of the requests. */
  readonly byRequest: readonly (readonly GrowingSequence[])[];
  readonly sequences: number;
  readonly longestPrompt: number;
  /** Most tokens that any sequence may reach, without and with its prompt. */
  readonly longestContinuation: number;
  readonly longestTotal: number;
}

/**
 * Checks requests and lays out their sequences. `unseeded` gives the streams of requests without a seed. Throws
 * `TinkerError` naming the request and the field.
 */
export function planSamples(
  requests: readonly SampleRequest[],
  config: ModelConfig,
  unseeded: () => number,
  decodeText: DecodeText | undefined,
): SamplePlan {
  const groups = new Map<string, PromptGroup>();
  const byRequest = requests.map(({ prompt, options }, index) => {
    const where = `sample request ${index}`;
    const { maxTokens, numSamples = 1, temperature = 1, topK = -1, topP = 1, topLogprobs = 0 } = options;
    checkTokens(prompt, config, where);
    demand(Number.isInteger(maxTokens) && maxTokens >= 1, where, "maxTokens", maxTokens, "an integer from 1");
    demand(
      Number.isInteger(numSamples) && numSamples >= 1,
      where,
      "numSamples",
      numSamples,
      "an integer from 1",
    );
    demand(temperature >= 0 && temperature < Infinity, where, "temperature", temperature, "a number from 0");
    demand(
      Number.isInteger(topK) && topK >= -1 && topK !== 0,
      where,
      "topK",
      topK,
      "-1 (all) or an integer from 1",
    );
    demand(topP > 0 && topP <= 1, where, "topP", topP, "a number above 0 and up to 1");
    demand(
      Number.isInteger(topLogprobs) && topLogprobs >= 0,
      where,
      "topLogprobs",
      topLogprobs,
      "an integer from 0",
    );
    const total = prompt.length + maxTokens;
    if (total > config.maxContextLength)
      throw new TinkerError(
        "user",
        `${where}: ${prompt.length} prompt tokens and maxTokens ${maxTokens} exceed the model's context of ${config.maxContextLength}; shorten one of them`,
      );
    const choice: TokenChoice = { temperature, topK, topP };
    const seed = options.seed ?? unseeded();
    const sequences = Array.from({ length: numSamples }, (_, sample) => {
      const stream = new SeededStream(seed, "sample", sample);
      return new GrowingSequence(
        prompt.length,
        maxTokens,
        choice,
        stopCondition(options.stop, decodeText),
        stream,
        topLogprobs,
      );
    });
    const groupTemperature = temperature === 0 ? 1 : temperature;
    const key = `${groupTemperature} ${prompt.join()}`;
    const group = groups.get(key);
    if (group) group.sequences.push(...sequences);
    else groups.set(key, { prompt, temperature: groupTemperature, sequences: [...sequences] });
    return sequences;
  });
  const longest = (length: (request: SampleRequest) => number) => Math.max(0, ...requests.map(length));
  return {
    groups: [...groups.values()].sort((a, b) => b.prompt.length - a.prompt.length),
    byRequest,
    sequences: byRequest.reduce((sum, { length }) => sum + length, 0),
    longestPrompt: longest(({ prompt }) => prompt.length),
    longestContinuation: longest(({ options }) => options.maxTokens),
    longestTotal: longest(({ prompt, options }) => prompt.length + options.maxTokens),
  };
}

/** Throws `TinkerError` for an empty sequence, one longer than the context, or a token that the vocabulary lacks. */
export function checkTokens(tokens: TokenIds, config: ModelConfig, where: string): void {
  const { vocabularySize, maxContextLength } = config;
  const fail = (why: string): never => {
    throw new TinkerError("user", `${where}: ${why}`);
  };
  if (tokens.length === 0) fail("no tokens; give at least one (the begin-of-text token, for instance)");
  if (tokens.length > maxContextLength)
    fail(`${tokens.length} tokens exceed the model's context of ${maxContextLength}; shorten the text`);
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (!(Number.isInteger(token) && token >= 0 && token < vocabularySize))
      fail(
        `token ${token} at position ${i} is not in the vocabulary of ${vocabularySize}; use the model's own tokenizer`,
      );
  }
}

function demand(holds: boolean, where: string, field: string, value: number, range: string): void {
  if (!holds) throw new TinkerError("user", `${where}: ${field} is ${value}; it must be ${range}`);
}
