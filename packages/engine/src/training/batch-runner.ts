import type { AdamParams, OptimStepResult } from "@armature/tinker";
import type { Tensor } from "../graph/tensor.ts";
import { BATCH_INPUTS, type BatchShape } from "../model/batch-shape.ts";
import type { LoraConfig } from "../model/lora.ts";
import type { ModelConfig } from "../model/model-config.ts";
import type { ParameterStore } from "../model/parameters.ts";
import { type RotaryTables, rotaryTables } from "../model/rotary.ts";
import { type AdamState, adamwStep, initialAdamState } from "../optimizer/adamw.ts";
import { type FeedValues, GraphSession, type Results } from "../runtime/session.ts";
import { SessionCache } from "../runtime/session-cache.ts";
import type { AssembledBatch } from "./assemble-batch.ts";
import { batchBytes } from "./batch-plan.ts";
import { gradientOutput } from "./step-graph.ts";
import { ACTIVATION_BYTES, type Activations } from "./token-budget.ts";

/** How a trainer computes, whatever its head. */
export interface RunnerOptions {
  /** Adapters in the store; absent for full fine-tuning. */
  readonly lora?: LoraConfig;
  /** CPU threads, default 1. */
  readonly threads?: number;
  /** Sessions of different batch sizes kept ready, default 8, as far as their activations fit 1.5 GiB together. */
  readonly sessions?: number;
  /** Sessions shared with other trainers of the same configuration, in place of own ones. */
  readonly sessionCache?: SessionCache;
}

/** A graph that some batch runs through. */
export interface BatchGraph {
  /** Equal for batches of one shape that are the same graph. */
  readonly key: string;
  readonly kept: Activations;
  readonly build: () => Record<string, Tensor>;
}

/** Sessions hold the memory of their activations between runs. */
export const SESSION_BYTES = 1.5 * ACTIVATION_BYTES;

/** What all trainers do alike: run assembled batches on weights, add gradients up, step, and keep calls in their order. */
export class BatchRunner {
  readonly config: ModelConfig;
  readonly store: ParameterStore;
  readonly optimizer: AdamState;
  readonly #options: RunnerOptions;
  readonly #sessions: SessionCache;
  readonly #rotary = new Map<number, RotaryTables>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: ModelConfig, store: ParameterStore, options: RunnerOptions) {
    this.config = config;
    this.store = store;
    this.optimizer = initialAdamState(store);
    this.#options = options;
    const { sessions = 8, sessionCache = new SessionCache({ sessions, bytes: SESSION_BYTES }) } = options;
    this.#sessions = sessionCache;
  }

  /** Runs a task when all earlier ones have ended, failed or not. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task, task);
    this.#last = result;
    return result;
  }

  /** One AdamW step with the gradients added up so far, which it clears. */
  optimStep(adam: AdamParams): Promise<OptimStepResult> {
    return this.inTurn(async () => {
      const { gradientNorm } = adamwStep(this.store, this.optimizer, adam);
      return { metrics: { "grad_norm:last": gradientNorm } };
    });
  }

  async run({ shape, feeds }: AssembledBatch, graph: BatchGraph): Promise<Results> {
    const { lora, threads = 1 } = this.#options;
    // Adapters of the same kind share sessions whatever their seed.
    const kind = JSON.stringify(lora ? { ...lora, seed: 0 } : null);
    const key = `${kind} ${graph.key} ${Object.values(shape).join(" ")}`;
    const bytes = batchBytes(this.config, shape, graph.kept);
    const build = () => GraphSession.create(graph.build(), { threads });
    const session = await this.#sessions.get(key, build, bytes);
    const given: Record<string, FeedValues> = { ...feeds, ...this.#rotaryFeeds(shape) };
    const all = session.inputs.map(({ name }) => [name, given[name] ?? this.store.get(name).values]);
    return session.run(Object.fromEntries(all) as Record<string, FeedValues>);
  }

  /** Adds the gradients among a run's results to the store's. */
  addGradients(results: Results): void {
    for (const { name, gradient } of this.store.trainable) {
      const values = results[gradientOutput(name)];
      if (values) for (let i = 0; i < gradient.length; i++) gradient[i]! += values[i]!;
    }
  }

  /** Frees all sessions but shared ones. */
  async dispose(): Promise<void> {
    await this.inTurn(async () => {
      if (!this.#options.sessionCache) await this.#sessions.release();
    });
  }

  #rotaryFeeds({ prefixTime, laneTime }: BatchShape): Record<string, FeedValues> {
    const positions = prefixTime + laneTime;
    const tables = this.#rotary.get(positions) ?? rotaryTables(this.config, positions);
    this.#rotary.set(positions, tables);
    return { [BATCH_INPUTS.cos]: tables.cos, [BATCH_INPUTS.sin]: tables.sin };
  }
}
