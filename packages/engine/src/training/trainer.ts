import {
  type AdamParams,
  type CustomLoss,
  checkDatum,
  type Datum,
  type ForwardBackwardResult,
  floats,
  inputTokens,
  type Loss,
  type OptimStepResult,
  TinkerError,
} from "@armature/tinker";
import { type TokenLoss, tokenLoss, tokenValues } from "../losses/token-loss.ts";
import { BATCH_INPUTS, type BatchShape } from "../model/batch-shape.ts";
import type { LoraConfig } from "../model/lora.ts";
import type { ModelConfig } from "../model/model-config.ts";
import type { ParameterStore } from "../model/parameters.ts";
import { type RotaryTables, rotaryTables } from "../model/rotary.ts";
import { type AdamState, adamwStep, initialAdamState } from "../optimizer/adamw.ts";
import { type FeedValues, GraphSession, type Results } from "../runtime/session.ts";
import { SessionCache } from "../runtime/session-cache.ts";
import { type AssembledBatch, assembleBatch } from "./assemble-batch.ts";
import { batchBytes, planBatches } from "./batch-plan.ts";
import type { Example } from "./example.ts";
import { forwardBackwardGraph, forwardGraph, gradientOutput, STEP_OUTPUTS } from "./step-graph.ts";
import { ACTIVATION_BYTES } from "./token-budget.ts";

/** How a trainer computes. */
export interface TrainerOptions {
  /** Adapters in the store; absent for full fine-tuning. */
  readonly lora?: LoraConfig;
  /** CPU threads, default 1. */
  readonly threads?: number;
  /**
   * Most positions, padding included, that run at once unless one sequence is longer. By default as many as 1 GiB of
   * activations allows, at most 4096.
   */
  readonly tokenBudget?: number;
  /**
   * Compute the common prompt of neighbouring datums once, and lay short sequences side by side in place of padding.
   * Default true; the results are the same.
   */
  readonly packGroups?: boolean;
  /**
   * Recompute each layer in the backward pass: less memory, about a third more time. By default done only where a sequence
   * would need more than 2 GiB of activations, or where long groups then need not be cut, which saves more than it costs.
   */
  readonly recompute?: boolean;
  /**
   * Which logprobs `forwardBackward` returns: `all` (the default), or only those of positions with a non-zero loss
   * coefficient, which spares the head the others; theirs are NaN.
   */
  readonly logprobs?: "all" | "weighted";
  /** Sessions of different batch sizes kept ready, default 8, as far as their activations fit 1.5 GiB together. */
  readonly sessions?: number;
  /** Sessions shared with other trainers of the same configuration and adapter, in place of own ones. */
  readonly sessionCache?: SessionCache;
}

/** Sessions hold the memory of their activations between runs. */
export const SESSION_BYTES = 1.5 * ACTIVATION_BYTES;

/**
 * Trains one model in the calling thread (which a running batch blocks). Calls take effect one after another in the order
 * in which they are made. Gradients add up in `store.gradients` until `optimStep`. All data of a call are checked before any of
 * it runs: a refused call changes nothing.
 */
export class Trainer {
  readonly config: ModelConfig;
  readonly store: ParameterStore;
  readonly optimizer: AdamState;
  readonly #options: TrainerOptions;
  readonly #sessions: SessionCache;
  readonly #ownsSessions: boolean;
  readonly #rotary = new Map<number, RotaryTables>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: ModelConfig, store: ParameterStore, options: TrainerOptions = {}) {
    this.config = config;
    this.store = store;
    this.optimizer = initialAdamState(store);
    this.#options = options;
    const { sessions = 8, sessionCache = new SessionCache({ sessions, bytes: SESSION_BYTES }) } = options;
    this.#sessions = sessionCache;
    this.#ownsSessions = options.sessionCache === undefined;
  }

  /** Logprob of every target token. Needs loss input `target_tokens` only. */
  forward(data: readonly Datum[]): Promise<ForwardBackwardResult> {
    return this.#inTurn(async () => {
      const examples = data.map((datum, i) => this.#example(datum, i));
      return { logprobs: (await this.#evaluate(examples)).logprobs, metrics: {} };
    });
  }

  /** Adds the gradient of the loss, summed over all tokens of all datums, to `store.gradients`. */
  forwardBackward(data: readonly Datum[], loss: Loss): Promise<ForwardBackwardResult> {
    return this.#inTurn(() => this.#forwardBackward(data, loss));
  }

  /**
   * Adds the gradient of a loss that the caller computes from all logprobs. Cross-entropy is Σ −w·p, so weights −dC/dp
   * give Σ dC/dp · ∇p, the gradient of C.
   */
  forwardBackwardCustom(data: readonly Datum[], lossOf: CustomLoss): Promise<ForwardBackwardResult> {
    return this.#inTurn(async () => {
      const examples = data.map((datum, i) => this.#example(datum, i));
      const { logprobs } = await this.#evaluate(examples);
      const { loss, gradients, metrics } = lossOf(logprobs);
      if (gradients.length !== data.length)
        throw new TinkerError(
          "user",
          `custom loss gave ${gradients.length} gradients for ${data.length} datums`,
        );
      const weighted = data.map(({ modelInput, lossInputs: { target_tokens } }, i) => ({
        modelInput,
        lossInputs: { target_tokens, weights: floats(gradients[i]!.map((g) => -g)) },
      }));
      await this.#forwardBackward(weighted, { name: "cross_entropy" });
      return { logprobs, metrics: { "loss:sum": loss, ...metrics } };
    });
  }

  /** One AdamW step with the gradients added up so far, which it clears. */
  optimStep(adam: AdamParams): Promise<OptimStepResult> {
    return this.#inTurn(async () => {
      const { gradientNorm } = adamwStep(this.store, this.optimizer, adam);
      return { metrics: { "grad_norm:last": gradientNorm } };
    });
  }

  /** Frees all sessions but shared ones. */
  async dispose(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#ownsSessions) await this.#sessions.release();
    });
  }

  async #forwardBackward(data: readonly Datum[], loss: Loss): Promise<ForwardBackwardResult> {
    const perToken = tokenLoss(loss);
    const examples = data.map((datum, i) => this.#example(datum, i, loss, perToken));
    const { logprobs, loss: sum } = await this.#evaluate(examples, perToken);
    return { logprobs, metrics: { "loss:sum": sum } };
  }

  /** Runs all examples, those without any gradient forward only, and adds the gradients of the others. */
  async #evaluate(
    examples: readonly Example[],
    loss?: TokenLoss,
  ): Promise<{ logprobs: Float32Array[]; loss: number }> {
    const logprobs = examples.map(({ tokens }) => new Float32Array(tokens.length).fill(Number.NaN));
    const onlyActive = loss !== undefined && this.#options.logprobs === "weighted";
    const all = examples.map((_, i) => i);
    const learning = all.filter((i) => loss && examples[i]!.active.includes(1));
    const watching = all.filter((i) => !loss || !examples[i]!.active.includes(1));
    let sum = 0;
    for (const [members, graphLoss] of [
      [learning, loss],
      [onlyActive ? [] : watching, undefined],
    ] as const) {
      const sequences = members.map((i) => examples[i]!);
      const { batches, recompute } = planBatches(this.config, sequences, {
        ...this.#options,
        learning: graphLoss !== undefined,
      });
      for (const batch of batches) {
        const assembled = assembleBatch(batch, sequences, graphLoss?.values ?? [], onlyActive);
        const results = await this.#run(assembled, recompute, graphLoss);
        for (const [sequence, headRows] of assembled.headRows)
          headRows.forEach((row, position) => {
            if (row >= 0) logprobs[members[sequence]!]![position] = results[STEP_OUTPUTS.logprobs]![row]!;
          });
        if (!graphLoss) continue;
        sum = results[STEP_OUTPUTS.losses]!.reduce((total, value) => total + value, sum);
        for (const { name, gradient } of this.store.trainable)
          addInto(gradient, results[gradientOutput(name)]);
      }
    }
    return { logprobs, loss: sum };
  }

  async #run({ shape, feeds }: AssembledBatch, recompute: boolean, loss?: TokenLoss): Promise<Results> {
    const { lora, threads = 1 } = this.#options;
    // Adapters of the same kind share sessions whatever their seed.
    const kind = JSON.stringify(lora ? { ...lora, seed: 0 } : null);
    const key = `${kind} ${loss?.key ?? "forward"} ${recompute} ${Object.values(shape).join(" ")}`;
    const build = () => {
      const trainable = this.store.trainable.map(({ name }) => name);
      const outputs = loss
        ? forwardBackwardGraph(this.config, shape, loss, { ...(lora && { lora }), recompute, trainable })
        : forwardGraph(this.config, shape, lora);
      return GraphSession.create(outputs, { threads });
    };
    const bytes = batchBytes(this.config, shape, loss && !recompute ? "all layers" : "one layer");
    const session = await this.#sessions.get(key, build, bytes);
    const given: Record<string, FeedValues> = { ...feeds, ...this.#rotaryFeeds(shape) };
    const all = session.inputs.map(({ name }) => [name, given[name] ?? this.store.get(name).values]);
    return session.run(Object.fromEntries(all) as Record<string, FeedValues>);
  }

  #rotaryFeeds({ prefixTime, laneTime }: BatchShape): Record<string, FeedValues> {
    const positions = prefixTime + laneTime;
    const tables = this.#rotary.get(positions) ?? rotaryTables(this.config, positions);
    this.#rotary.set(positions, tables);
    return { [BATCH_INPUTS.cos]: tables.cos, [BATCH_INPUTS.sin]: tables.sin };
  }

  #example(datum: Datum, index: number, loss?: Loss, perToken?: TokenLoss): Example {
    checkDatum(loss ? datum : unweighted(datum), loss ?? { name: "cross_entropy" }, index);
    const tokens = inputTokens(datum.modelInput);
    const targets = datum.lossInputs.target_tokens.data;
    this.#checkTokens(tokens, "model input", index);
    this.#checkTokens(targets, "target_tokens", index);
    for (const [key, tensor] of Object.entries(datum.lossInputs))
      if (tensor && tensor.data.length !== tokens.length)
        throw new TinkerError("user", `datum ${index}: ${key} has several values a position, must have one`);
    const { maxContextLength } = this.config;
    if (tokens.length > maxContextLength)
      throw new TinkerError(
        "user",
        `datum ${index}: ${tokens.length} input positions, the model's context has ${maxContextLength}`,
      );
    const values: Example["values"] = Object.fromEntries(
      (perToken?.values ?? []).map((value) => [value, tokenValues(value, datum.lossInputs, loss!)]),
    );
    const active = new Uint8Array(tokens.length);
    for (const name of perToken?.coefficients ?? []) {
      const coefficient = values[name]!;
      for (let i = 0; i < active.length; i++) if (coefficient[i] !== 0) active[i] = 1;
    }
    return { tokens, targets, values, active };
  }

  #checkTokens(tokens: ArrayLike<number>, field: string, index: number): void {
    const { vocabularySize } = this.config;
    for (let i = 0; i < tokens.length; i++)
      if (!(Number.isInteger(tokens[i]) && tokens[i]! >= 0 && tokens[i]! < vocabularySize))
        throw new TinkerError(
          "user",
          `datum ${index}: ${field} holds ${tokens[i]} at position ${i}, token ids are 0 to ${vocabularySize - 1}`,
        );
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task, task);
    this.#last = result;
    return result;
  }
}

/** The part of a datum that a forward pass reads, with the weights that the check of a loss wants. */
function unweighted({ modelInput, lossInputs: { target_tokens } }: Datum): Datum {
  const weights = floats(new Float32Array(inputTokens(modelInput).length));
  return { modelInput, lossInputs: { target_tokens, weights } };
}

function addInto(sum: Float32Array, values: Float32Array | undefined): void {
  if (!values) return;
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}
