import {
  type SampledSequence,
  type SampleRequest,
  type Sampler,
  TinkerError,
  type TokenIds,
} from "@armature/tinker";
import type { ChatEncoder } from "../judge/paper-dialect.ts";
import {
  type CallOptions,
  type Choice,
  type Completion,
  type CompletionRequest,
  type LanguageModel,
  NO_USAGE,
  type TokenLogprob,
} from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";
import { RequestBatcher } from "./request-batcher.ts";

/** A sampler, and what turns chats into its tokens and back. */
export interface PolicyModelSettings {
  /** Names weights and tokenizer: other weights need another id, or a cache mixes their answers. */
  readonly id: string;
  readonly sampler: Sampler;
  /** Tokenizer and chat template, see `chatEncoder`. */
  readonly encoder: ChatEncoder;
  /** How the end tokens read, for requests with stop texts: the sampler takes either texts or tokens. */
  readonly endTexts: readonly string[];
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
  /** Longest answer; requests for longer ones are cut to it. Default: as asked. */
  readonly maxTokens?: number;
  /** True where the sampler tells alternatives to its tokens (`topLogprobs`), as our engine's does in process. */
  readonly alternatives?: boolean;
  /** Most requests that are sampled together. Default 32. */
  readonly maxBatch?: number;
  /** Called when the model is closed. */
  readonly close?: () => Promise<void>;
}

/** Where a logprob is minus infinity, which JSON lacks. */
const LOWEST_LOGPROB = -9999;

/**
 * A model of our engine, or any sampler of the training protocol, as a language model. Calls that are made at the same time
 * are sampled as one batch, which is many times faster than one by one. Logprobs are the model's own at temperature 1; where
 * the sampler tells no alternatives `top` holds the token alone. A closed list of answers (`among`) is scored one by one. A request that does not fit fails with kind `context`. An aborted call ends at once; its place
 * in a running batch is computed to the end.
 */
export class PolicyModel implements LanguageModel {
  readonly id: string;
  readonly #settings: PolicyModelSettings;
  readonly #samples: RequestBatcher<SampleRequest, readonly SampledSequence[]>;
  readonly #scores: RequestBatcher<TokenIds, Float32Array>;

  constructor(settings: PolicyModelSettings) {
    const { id, sampler, maxBatch = 32 } = settings;
    this.id = id;
    this.#settings = settings;
    this.#samples = new RequestBatcher(maxBatch, async (requests) => {
      const results = await sampler.sampleMany(requests).result;
      return results.map(({ sequences }) => sequences);
    });
    this.#scores = new RequestBatcher(maxBatch, (sequences) => sampler.logprobsMany(sequences).result);
  }

  async complete(asked: CompletionRequest, { signal }: CallOptions = {}): Promise<Completion> {
    const { maxTokens = asked.maxTokens } = this.#settings;
    const request = { ...asked, maxTokens: Math.min(asked.maxTokens, maxTokens) };
    if (request.among !== undefined) return this.#chooseAmong(request.among, request, signal);
    const prompt = this.#encode(request);
    const sequences = await this.#samples
      .add(this.#sampleRequest(request, prompt), signal)
      .catch((error: unknown) => {
        throw this.#samplerFault(error);
      });
    return {
      choices: sequences.map((sequence) => this.#choice(sequence, request)),
      usage: {
        ...NO_USAGE,
        calls: 1,
        promptTokens: prompt.length,
        completionTokens: sequences.reduce((sum, { tokens }) => sum + tokens.length, 0),
      },
    };
  }

  /** Probability that the answer begins with each option, read off the model instead of sampled. */
  async #chooseAmong(
    options: readonly string[],
    { messages }: CompletionRequest,
    signal: AbortSignal | undefined,
  ): Promise<Completion> {
    const { encoder } = this.#settings;
    const texts = this.#encoding(() => options.map((option) => encoder.encode(option)));
    const prompt = this.#encode({ messages, maxTokens: Math.max(1, ...texts.map(({ length }) => length)) });
    const scored = await Promise.all(
      texts.map((text) => this.#scores.add(Int32Array.from([...prompt, ...text]), signal)),
    ).catch((error: unknown) => {
      throw this.#samplerFault(error);
    });
    const top = scored
      .map((logprobs, i) => ({
        token: options[i]!,
        logprob: Math.max(
          logprobs.subarray(logprobs.length - texts[i]!.length).reduce((sum, one) => sum + one, 0),
          LOWEST_LOGPROB,
        ),
      }))
      .toSorted((a, b) => b.logprob - a.logprob);
    const { token, logprob } = top[0]!;
    return {
      choices: [{ text: token, finishReason: "stop", logprobs: [{ token, logprob, top }] }],
      usage: { ...NO_USAGE, calls: 1, promptTokens: prompt.length },
    };
  }

  async close(): Promise<void> {
    await this.#settings.close?.();
  }

  #encode({ messages, maxTokens }: Pick<CompletionRequest, "messages" | "maxTokens">): Int32Array {
    const { encoder, contextLength } = this.#settings;
    const prompt = this.#encoding(() => encoder.encodeChat(messages, { addGenerationPrompt: true }));
    if (prompt.length + maxTokens > contextLength)
      throw this.#fault(
        `${prompt.length} prompt tokens and an answer of ${maxTokens} exceed the context of ${contextLength}; shorten one of them`,
        "context",
      );
    return prompt;
  }

  /** A template may refuse messages, a system message for instance, and a vocabulary may lack a word. */
  #encoding<T>(encode: () => T): T {
    try {
      return encode();
    } catch (error) {
      throw this.#fault((error as Error).message, "infrastructure", error);
    }
  }

  #sampleRequest(
    { maxTokens, temperature, topP, n, seed, stop, topLogprobs = 0 }: CompletionRequest,
    prompt: Int32Array,
  ): SampleRequest {
    const { encoder, endTexts, alternatives } = this.#settings;
    return {
      prompt,
      options: {
        maxTokens,
        temperature,
        ...(topP !== undefined && { topP }),
        ...(seed !== undefined && { seed }),
        ...(alternatives && topLogprobs > 0 && { topLogprobs }),
        numSamples: n ?? 1,
        stop: stop !== undefined && stop.length > 0 ? [...stop, ...endTexts] : encoder.eosTokens,
      },
    };
  }

  #choice(sequence: SampledSequence, request: CompletionRequest): Choice {
    const { encoder } = this.#settings;
    const { tokens, stopReason } = sequence;
    const ended = encoder.eosTokens.includes(tokens.at(-1) ?? -1) ? tokens.subarray(0, -1) : tokens;
    const text = withoutStop(encoder.decode(ended), request.stop ?? []);
    return {
      text,
      finishReason: stopReason,
      ...(request.topLogprobs !== undefined && { logprobs: this.#tokenLogprobs(ended, sequence, text) }),
    };
  }

  /** Tokens as far as the text goes: those of a stop text are no part of the answer. */
  #tokenLogprobs(
    tokens: Int32Array,
    { logprobs, topLogprobs }: SampledSequence,
    text: string,
  ): TokenLogprob[] {
    const { decode } = this.#settings.encoder;
    const told: TokenLogprob[] = [];
    // A token may be written otherwise when it stands alone, and may end within a character: the ones before give it context.
    let context: number[] = [];
    let waiting: number[] = [];
    for (let i = 0, written = 0; i < tokens.length && written < text.length; i++) {
      const textOf = (id: number) => decode([...context, ...waiting, id]).slice(decode(context).length);
      const added = textOf(tokens[i]!);
      const top = topLogprobs?.[i]?.map((one) => finite(textOf(one.token), one.logprob));
      waiting.push(tokens[i]!);
      const whole = !added.endsWith("\uFFFD");
      const token = whole ? added : "";
      if (whole) [context, waiting] = [waiting, []];
      const itself = finite(token, logprobs[i]!);
      told.push({ ...itself, top: top ?? [itself] });
      written += token.length;
    }
    return told;
  }

  #samplerFault(error: unknown): unknown {
    return TinkerError.isInstance(error) ? this.#fault(error.message, "infrastructure", error) : error;
  }

  #fault(what: string, kind: "context" | "infrastructure", cause?: unknown): ModelCallError {
    return new ModelCallError(`${this.id}: ${what}`, { kind, retryable: false, usage: NO_USAGE }, { cause });
  }
}

function finite(token: string, logprob: number): { readonly token: string; readonly logprob: number } {
  return { token, logprob: Math.max(logprob, LOWEST_LOGPROB) };
}

function withoutStop(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends));
}
