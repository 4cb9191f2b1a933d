import type { SampleRequest, SampleResult, TokenIds } from "@armature/tinker";
import { sizeOf } from "../graph/tensor.ts";
import type { LoraConfig } from "../model/lora.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { baseParameters, type ParameterSpec } from "../model/parameters.ts";
import { SeededStream } from "../random/seeded-stream.ts";
import { batchBucket, lengthBucket, slotBucket, slotStep } from "./bucket.ts";
import type { SampledModel } from "./decoder-network.ts";
import { DecoderSessions, type WeightSource } from "./decoder-sessions.ts";
import { Generation, type GenerationContext } from "./generation.ts";
import { KeyValueCache } from "./kv-cache.ts";
import { checkTokens, planSamples, type SamplePlan } from "./sample-plan.ts";
import { scoreSequences } from "./score.ts";
import type { DecodeText } from "./stop-condition.ts";

/** A cache up to this size is kept for the next call, which saves the time to have its memory handed out again. */
const KEPT_CACHE_BYTES = 2 ** 28;

/** How a decoder computes. */
export interface DecoderOptions {
  /** CPU threads inside one operation. */
  readonly threads: number;
  /** The adapter on top of the base weights; its matrices are asked for by their PEFT names. */
  readonly lora?: LoraConfig;
  /** Most sequences side by side, default 512. */
  readonly maxBatch?: number;
  /** Most memory for keys and values, default 1 GiB: where sequences are long, fewer are decoded side by side. */
  readonly maxCacheBytes?: number;
  /**
   * True for weights that never change. Of those a second copy is kept once a single sequence is decoded, in the order in
   * which one row reads them, which is about a third faster; not where all of them take more than `maxCopyBytes`.
   */
  readonly isConstant?: (values: Float32Array) => boolean;
  /** Default 1 GiB. */
  readonly maxCopyBytes?: number;
  /** Sessions kept ready, one for each shape, default 64. */
  readonly maxSessions?: number;
  /** Text of tokens: needed for stop strings only. */
  readonly decodeText?: DecodeText;
  /** Seed of requests that bring none, default 0. */
  readonly seed?: number;
}

export interface SampleProgress {
  /** Tokens sampled so far. */
  readonly tokens: number;
  readonly finishedSequences: number;
  readonly sequences: number;
}

export interface SampleControl {
  /** Called after each step. */
  readonly onProgress?: (progress: SampleProgress) => void;
  /** Ends the call between two steps: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What decoders of the same model and the same shape of adapter have in common. */
interface Shared {
  readonly sessions: DecoderSessions;
  readonly rowCache: KeyValueCache;
  readonly promptCache: KeyValueCache;
  /** Seeds of requests that bring none. */
  readonly seeds: SeededStream;
  /** The call under way: calls run one after the other, for they use the same caches. */
  turn: Promise<unknown>;
}

/**
 * Samples from one causal transformer and scores tokens with it. Weights are read in place and asked for anew in every
 * call, so a policy that changes needs no new decoder. Runs block the thread: keep a decoder in a worker.
 *
 * Equal requests with equal seeds give equal tokens whatever else is in the batch, as far as rounding goes: another batch
 * size adds up products in another order, which moves logprobs by about 1e-6.
 */
export class Decoder {
  readonly #model: SampledModel;
  readonly #weights: WeightSource;
  readonly #options: DecoderOptions;
  readonly #shared: Shared;

  /** @param shared is for `withWeights` alone */
  constructor(config: ModelConfig, weights: WeightSource, options: DecoderOptions, shared?: Shared) {
    this.#model = { config, lora: options.lora };
    this.#weights = weights;
    this.#options = options;
    this.#shared = shared ?? {
      sessions: new DecoderSessions(this.#model, options.threads, options.maxSessions ?? 64),
      rowCache: new KeyValueCache(config),
      promptCache: new KeyValueCache(config),
      seeds: new SeededStream(options.seed ?? 0, "unseeded requests"),
      turn: Promise.resolve(),
    };
  }

  /** A decoder of other weights of the same names and shapes. It shares this one's sessions and memory. */
  withWeights(weights: WeightSource): Decoder {
    return new Decoder(this.#model.config, weights, this.#options, this.#shared);
  }

  /**
   * Samples every request; results stand in the order given. Sequences that continue the same prompt share its prefill,
   * also where they come from several requests. Throws `TinkerError` naming the request and field that is wrong.
   */
  async sampleMany(requests: readonly SampleRequest[], control: SampleControl = {}): Promise<SampleResult[]> {
    const { config } = this.#model;
    const { decodeText } = this.#options;
    const plan = planSamples(requests, config, () => this.#shared.seeds.uint32(), decodeText);
    const scored = requests.filter(({ options }) => options.promptLogprobs);
    return this.#inTurn(async () => {
      const promptLogprobs = await this.#score(scored.map(({ prompt }) => prompt));
      const generation = new Generation(plan.groups, {
        model: this.#model,
        sessions: this.#shared.sessions,
        weights: this.#weights,
        constantWeights: this.#hasConstantWeights(),
        ...this.#reserve(plan),
      });
      while (!generation.isDone) {
        control.signal?.throwIfAborted();
        await generation.advance();
        const { tokens, finishedSequences } = generation;
        control.onProgress?.({ tokens, finishedSequences, sequences: plan.sequences });
      }
      this.#releaseLargeCaches();
      return plan.byRequest.map((grown, index) => {
        const prompt = promptLogprobs[scored.indexOf(requests[index]!)];
        return {
          sequences: grown.map((sequence) => sequence.result()),
          ...(prompt && { promptLogprobs: [null, ...prompt.subarray(1)] }),
        };
      });
    });
  }

  /** Logprob of each token given those before it (the first of each sequence is NaN), in the order given. */
  async logprobsMany(sequences: readonly TokenIds[]): Promise<Float32Array[]> {
    sequences.forEach((tokens, index) => {
      checkTokens(tokens, this.#model.config, `sequence ${index}`);
    });
    return this.#inTurn(() => this.#score(sequences));
  }

  /** Gives sessions and memory back, those of decoders that share them too. */
  async dispose(): Promise<void> {
    await this.#inTurn(async () => {
      this.#releaseCaches();
      await this.#shared.sessions.release();
    });
  }

  #score(sequences: readonly TokenIds[]): Promise<Float32Array[]> {
    return scoreSequences(sequences, this.#model, this.#shared.sessions, this.#weights);
  }

  /** Makes room in the caches, and says for how many sequences side by side. */
  #reserve(plan: SamplePlan): Pick<GenerationContext, "rowLimit" | "slotStep" | "rowCache" | "shared"> {
    const { maxBatch = 512, maxCacheBytes = 2 ** 30 } = this.#options;
    const { rowCache, promptCache } = this.#shared;
    const shared = sharesPrompts(plan);
    const longestRow = (shared ? plan.longestContinuation : plan.longestTotal) + 1;
    const promptSlots = lengthBucket(plan.longestPrompt);
    const slotsPerRow = longestRow + (shared ? (promptSlots * plan.groups.length) / plan.sequences : 0);
    const bytesPerToken = KeyValueCache.bytesPerToken(this.#model.config);
    const affordable = Math.max(1, Math.floor(maxCacheBytes / (slotsPerRow * bytesPerToken)));
    const rowLimit = Math.min(plan.sequences, maxBatch, affordable);
    const step = slotStep(byteSize(baseParameters(this.#model.config)), rowLimit, bytesPerToken);
    rowCache.reserve(batchBucket(rowLimit), slotBucket(longestRow, step));
    if (!shared) return { rowLimit, slotStep: step, rowCache, shared: undefined };
    const prompts = batchBucket(Math.min(rowLimit, plan.groups.length));
    const places = batchBucket(Math.min(rowLimit, largestGroup(plan)));
    promptCache.reserve(prompts, promptSlots);
    return { rowLimit, slotStep: step, rowCache, shared: { cache: promptCache, prompts, places } };
  }

  #hasConstantWeights(): boolean {
    const { isConstant = () => false, maxCopyBytes = 2 ** 30 } = this.#options;
    const matrices = baseParameters(this.#model.config).filter(({ shape }) => shape.length === 2);
    return (
      byteSize(matrices) <= maxCopyBytes && matrices.every(({ name }) => isConstant(this.#weights(name)))
    );
  }

  /** Between calls that much memory is better left to training. */
  #releaseLargeCaches(): void {
    for (const cache of [this.#shared.rowCache, this.#shared.promptCache])
      if (cache.bytes > KEPT_CACHE_BYTES) cache.release();
  }

  #releaseCaches(): void {
    this.#shared.rowCache.release();
    this.#shared.promptCache.release();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#shared.turn.then(work).catch((error: unknown) => {
      this.#releaseCaches();
      throw error;
    });
    this.#shared.turn = result.catch(() => undefined);
    return result;
  }
}

function byteSize(parameters: readonly ParameterSpec[]): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape) * Float32Array.BYTES_PER_ELEMENT, 0);
}

/** From this length on a prompt is better read once for all of its rows than by each row beside its own tokens. */
const SHARED_PROMPT = 48;

/** True where long prompts have several sequences each, about as many as the largest group: its places are given to all. */
function sharesPrompts(plan: SamplePlan): boolean {
  const { groups, sequences, longestPrompt } = plan;
  const even = groups.length * largestGroup(plan) <= 1.5 * sequences;
  return longestPrompt >= SHARED_PROMPT && sequences >= 2 * groups.length && even;
}

function largestGroup({ groups }: SamplePlan): number {
  return Math.max(0, ...groups.map((group) => group.sequences.length));
}
