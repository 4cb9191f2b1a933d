import { randomUUID } from "node:crypto";
import { TinkerError } from "../errors.ts";
import { type TokenIds, textInput } from "../model-input.ts";
import type { Pending } from "../pending.ts";
import type { SampleOptions, SampleRequest, SampleResult } from "../sampling.ts";
import type { Sampler, WantedLogprobs } from "../training-model.ts";
import {
  BATCH_HEADER,
  LOGPROBS_FROM_HEADER,
  modelInputJson,
  readJson,
  type SampleResponse,
  Submitted,
} from "../wire/index.ts";
import { awaitResult } from "./await-result.ts";
import type { ClientConnection } from "./client-connection.ts";
import { replyText } from "./http-call.ts";
import { RESULTS } from "./result-readers.ts";

type Headers = Readonly<Record<string, string>>;

/** A sampler on a server: one sampling session. Requests are not ordered; each may be sent again under its number. */
export class HttpSampler implements Sampler {
  readonly #connection: ClientConnection;
  /** The server's id of the sampling session. */
  readonly sessionId: string;
  #nextSeqId = 0;

  constructor(connection: ClientConnection, sessionId: string) {
    this.#connection = connection;
    this.sessionId = sessionId;
  }

  sample(prompt: TokenIds, options: SampleOptions): Pending<SampleResult> {
    return this.#sample(prompt, options, {});
  }

  sampleMany(requests: readonly SampleRequest[]): Pending<readonly SampleResult[]> {
    const headers = this.#batchHeaders(requests.length);
    return together(requests.map(({ prompt, options }, i) => this.#sample(prompt, options, headers(i))));
  }

  logprobs(tokens: TokenIds): Pending<Float32Array> {
    return this.#logprobs(tokens, {});
  }

  logprobsMany(
    sequences: readonly TokenIds[],
    { from }: Partial<WantedLogprobs> = {},
  ): Pending<readonly Float32Array[]> {
    const batch = this.#batchHeaders(sequences.length);
    const wanted = (i: number): Headers =>
      from !== undefined && this.#isOwnServer ? { [LOGPROBS_FROM_HEADER]: String(from[i]) } : {};
    return together(sequences.map((tokens, i) => this.#logprobs(tokens, { ...batch(i), ...wanted(i) })));
  }

  async dispose(): Promise<void> {
    await this.#connection.releaseSampler(this.sessionId);
  }

  #sample(prompt: TokenIds, options: SampleOptions, batch: Headers): Pending<SampleResult> {
    const { submitted, result } = this.#request(prompt, options, batch);
    return handle(submitted, result.then(sampleResult));
  }

  /** One token is sampled on the way: the protocol has no request for logprobs alone. */
  #logprobs(tokens: TokenIds, batch: Headers): Pending<Float32Array> {
    const { submitted, result } = this.#request(tokens, { maxTokens: 1, promptLogprobs: true }, batch);
    const logprobs = result.then(({ prompt_logprobs }) => {
      // SkyRL leaves the first token, which has no logprob, out of the list.
      if (prompt_logprobs?.length === tokens.length - 1)
        return Float32Array.of(Number.NaN, ...prompt_logprobs);
      if (prompt_logprobs?.length !== tokens.length)
        throw new TinkerError(
          "protocol",
          `asked for logprobs of ${tokens.length} tokens, the server returns ${prompt_logprobs?.length ?? "none"}`,
        );
      return prompt_logprobs;
    });
    return handle(submitted, logprobs);
  }

  get #isOwnServer(): boolean {
    return this.#connection.profile.name === "armature";
  }

  /**
   * Has this toolkit's own server compute the requests of one call side by side, as the engine in process does: another batch
   * adds up products in another order. A batch holds no more than may be under way at once.
   */
  #batchHeaders(size: number): (request: number) => Headers {
    const { samples } = this.#connection;
    if (!this.#isOwnServer || size < 2) return () => ({});
    const id = randomUUID();
    return (request) => {
      const batch = Math.floor(request / samples.most);
      const batchSize = Math.min(samples.most, size - batch * samples.most);
      return { [BATCH_HEADER]: `${id}-${batch};${batchSize}` };
    };
  }

  #request(prompt: TokenIds, options: SampleOptions, batch: Headers): Pending<SampleResponse> {
    const body = sampleBody(this.sessionId, this.#nextSeqId++, prompt, options);
    let accepted: () => void = () => undefined;
    let refused: (error: unknown) => void = () => undefined;
    const submitted = new Promise<void>((resolve, reject) => {
      [accepted, refused] = [resolve, reject];
    });
    const result = this.#connection.samples.run(() => this.#perform(body, batch, accepted));
    result.catch(refused);
    return handle(submitted, result);
  }

  async #perform(body: object, batch: Headers, accepted: () => void): Promise<SampleResponse> {
    const { transport } = this.#connection;
    const { limits, onEvent } = transport.settings;
    const since = Date.now();
    for (let attempt = 1; ; attempt++) {
      const reply = await transport.call({
        path: "asample",
        body,
        headers: { "x-tinker-sampling-backpressure": "1", ...batch },
      });
      const submitted = readJson(Submitted, replyText(reply), "asample", "protocol");
      accepted();
      try {
        return await awaitResult(transport, submitted, RESULTS.sample, { since });
      } catch (error) {
        // A result that the server lost is sampled anew: the same number gives the same request.
        const isLost = TinkerError.isInstance(error) && error.kind === "expired" && error.status === 410;
        if (!isLost || attempt >= limits.attempts) throw error;
        const seqId = (body as { seq_id: number }).seq_id;
        onEvent({ type: "resubmit", request: "Sample", seqId, why: error.message });
      }
    }
  }
}

function sampleBody(sessionId: string, seqId: number, prompt: TokenIds, options: SampleOptions): object {
  if ((options.topLogprobs ?? 0) > 0)
    throw new TinkerError("user", "topLogprobs cannot be asked for over the protocol; sample in process");
  const { maxTokens, temperature = 1, topP = 1, topK = -1, stop, seed } = options;
  return {
    type: "sample",
    sampling_session_id: sessionId,
    seq_id: seqId,
    num_samples: options.numSamples ?? 1,
    prompt: modelInputJson(textInput(prompt)),
    sampling_params: {
      max_tokens: maxTokens,
      temperature,
      top_p: topP,
      top_k: topK,
      ...(seed !== undefined && { seed }),
      ...(stop !== undefined && stop.length > 0 && { stop }),
    },
    ...(options.promptLogprobs && { prompt_logprobs: true }),
  };
}

function sampleResult({ sequences, prompt_logprobs }: SampleResponse): SampleResult {
  return {
    sequences: sequences.map(({ tokens, logprobs, stop_reason }) => ({
      tokens,
      logprobs: logprobs ?? new Float32Array(tokens.length).fill(Number.NaN),
      stopReason: stop_reason,
    })),
    ...(prompt_logprobs && {
      promptLogprobs: Array.from(prompt_logprobs, (value) => (Number.isNaN(value) ? null : value)),
    }),
  };
}

function handle<T>(submitted: Promise<void>, result: Promise<T>): Pending<T> {
  // Unobserved handles must not bring the process down; whoever awaits them still sees the rejection.
  for (const promise of [submitted, result]) promise.catch(() => undefined);
  return { submitted, result };
}

function together<T>(parts: readonly Pending<T>[]): Pending<readonly T[]> {
  return handle(
    Promise.all(parts.map(({ submitted }) => submitted)).then(() => undefined),
    Promise.all(parts.map(({ result }) => result)),
  );
}
