import { type AdamParams, type OptimStepResult, TinkerError, type TokenIds } from "@armature/tinker";
import type { ModelConfig } from "../model/model-config.ts";
import type { ParameterStore } from "../model/parameters.ts";
import type { AdamState } from "../optimizer/adamw.ts";
import { assembleBatch } from "./assemble-batch.ts";
import { planBatches } from "./batch-plan.ts";
import { BatchRunner } from "./batch-runner.ts";
import { checkTokens } from "./check-tokens.ts";
import type { Example } from "./example.ts";
import { SCORES, scoreGradientGraph, scoreGraph } from "./score-graph.ts";
import type { TrainerOptions } from "./trainer.ts";

/**
 * Trains a transformer whose head gives one score, read at the last token of a sequence, in the calling thread. The loss
 * is the caller's, who asks for scores and hands dLoss/dscore back. Neighbours that begin alike share that part of the work.
 */
export class ScalarTrainer {
  readonly config: ModelConfig;
  /** Holds `scalarParameters`, the trainable ones among them. */
  readonly store: ParameterStore;
  readonly optimizer: AdamState;
  readonly #options: Omit<TrainerOptions, "logprobs">;
  readonly #runner: BatchRunner;

  constructor(config: ModelConfig, store: ParameterStore, options: Omit<TrainerOptions, "logprobs"> = {}) {
    this.config = config;
    this.store = store;
    this.#options = options;
    this.#runner = new BatchRunner(config, store, options);
    this.optimizer = this.#runner.optimizer;
  }

  /** One score per sequence. Throws `TinkerError` of kind `user` for a sequence that is empty or too long. */
  score(sequences: readonly TokenIds[]): Promise<Float32Array> {
    return this.#runner.inTurn(() => this.#run(sequences.map((tokens, i) => this.#example(tokens, i))));
  }

  /**
   * Adds the gradient of Σ gradients[i] · score(sequences[i]) to `store.gradients` and gives the scores of the sequences
   * that have a gradient; the others, NaN here, are not computed.
   */
  addGradients(sequences: readonly TokenIds[], gradients: ArrayLike<number>): Promise<Float32Array> {
    return this.#runner.inTurn(async () => {
      if (gradients.length !== sequences.length)
        throw new TinkerError(
          "user",
          `the loss gave ${gradients.length} gradients for ${sequences.length} scores`,
        );
      const examples = sequences.map((tokens, i) => this.#example(tokens, i, gradients[i]));
      return this.#run(examples, true);
    });
  }

  /** One AdamW step with the gradients added up so far, which it clears. */
  optimStep(adam: AdamParams): Promise<OptimStepResult> {
    return this.#runner.optimStep(adam);
  }

  /** Frees all sessions but shared ones. */
  dispose(): Promise<void> {
    return this.#runner.dispose();
  }

  async #run(examples: readonly Example[], learning = false): Promise<Float32Array> {
    const { config, store } = this;
    const { lora } = this.#options;
    const scores = new Float32Array(examples.length).fill(Number.NaN);
    const members = [...examples.keys()].filter(
      (i) => !learning || lastOf(examples[i]!.values.weights!) !== 0,
    );
    const chosen = members.map((i) => examples[i]!);
    const { batches, recompute } = planBatches(config, chosen, { ...this.#options, learning });
    for (const batch of batches) {
      const assembled = assembleBatch(batch, chosen, learning ? ["weights"] : [], true);
      const { shape } = assembled;
      const results = await this.#runner.run(assembled, {
        key: learning ? `score gradients ${recompute}` : "scores",
        kept: learning && !recompute ? "all layers" : "one layer",
        build: () => {
          if (!learning) return scoreGraph(config, shape, lora);
          const trainable = store.trainable.map(({ name }) => name);
          return scoreGradientGraph(config, shape, { ...(lora && { lora }), recompute, trainable });
        },
      });
      for (const [sequence, rows] of assembled.headRows)
        scores[members[sequence]!] = results[SCORES]![lastOf(rows)]!;
      if (learning) this.#runner.addGradients(results);
    }
    return scores;
  }

  #example(ids: TokenIds, index: number, gradient = 0): Example {
    const { vocabularySize, maxContextLength } = this.config;
    if (ids.length === 0) throw new TinkerError("user", `sequence ${index} is empty; a score needs a token`);
    if (ids.length > maxContextLength)
      throw new TinkerError(
        "user",
        `sequence ${index}: ${ids.length} tokens, the model's context has ${maxContextLength}`,
      );
    if (!Number.isFinite(gradient))
      throw new TinkerError("user", `sequence ${index}: the loss gave the gradient ${gradient}`);
    checkTokens(ids, vocabularySize, `sequence ${index}`);
    const tokens = Int32Array.from(ids);
    const last = tokens.length - 1;
    const active = new Uint8Array(tokens.length).fill(1, last);
    const weights = new Float32Array(tokens.length).fill(gradient, last);
    return { tokens, targets: tokens, values: { weights }, active, headFrom: last };
  }
}

function lastOf(values: ArrayLike<number>): number {
  return values[values.length - 1]!;
}
