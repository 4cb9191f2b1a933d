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
import type { ModelConfig } from "../model/model-config.ts";
import type { ParameterStore } from "../model/parameters.ts";
import type { AdamState } from "../optimizer/adamw.ts";
import type { Results } from "../runtime/session.ts";
import { type AssembledBatch, assembleBatch } from "./assemble-batch.ts";
import { planBatches } from "./batch-plan.ts";
import { BatchRunner, type RunnerOptions } from "./batch-runner.ts";
import { checkTokens } from "./check-tokens.ts";
import type { Example } from "./example.ts";
import { forwardBackwardGraph, forwardGraph, STEP_OUTPUTS } from "./step-graph.ts";

/** How a trainer computes. */
export interface TrainerOptions extends RunnerOptions {
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
}

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
  readonly #runner: BatchRunner;

  constructor(config: ModelConfig, store: ParameterStore, options: TrainerOptions = {}) {
    this.config = config;
    this.store = store;
    this.#options = options;
    this.#runner = new BatchRunner(config, store, options);
    this.optimizer = this.#runner.optimizer;
  }

  /**
   * Logprob of every target token. Needs loss input `target_tokens` only.
   * @param headFrom for each datum the first position whose logprob is wanted; those before it are NaN. Default 0
   */
  forward(data: readonly Datum[], headFrom?: readonly number[]): Promise<ForwardBackwardResult> {
    return this.#runner.inTurn(async () => {
      const examples = data.map((datum, i) => ({
        ...this.#example(datum, i),
        headFrom: headFrom?.[i] ?? 0,
      }));
      return { logprobs: (await this.#evaluate(examples)).logprobs, metrics: {} };
    });
  }

  /** Adds the gradient of the loss, summed over all tokens of all datums, to `store.gradients`. */
  forwardBackward(data: readonly Datum[], loss: Loss): Promise<ForwardBackwardResult> {
    return this.#runner.inTurn(() => this.#forwardBackward(data, loss));
  }

  /**
   * Adds the gradient of a loss that the caller computes from all logprobs. Cross-entropy is Σ −w·p, so weights −dC/dp
   * give Σ dC/dp · ∇p, the gradient of C.
   */
  forwardBackwardCustom(data: readonly Datum[], lossOf: CustomLoss): Promise<ForwardBackwardResult> {
    return this.#runner.inTurn(async () => {
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
    return this.#runner.optimStep(adam);
  }

  /** Frees all sessions but shared ones. */
  dispose(): Promise<void> {
    return this.#runner.dispose();
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
        const found = results[STEP_OUTPUTS.logprobs]!;
        for (const [sequence, headRows] of assembled.headRows) {
          const own = logprobs[members[sequence]!]!;
          for (let position = 0; position < headRows.length; position++)
            if (headRows[position]! >= 0) own[position] = found[headRows[position]!]!;
        }
        if (!graphLoss) continue;
        sum = results[STEP_OUTPUTS.losses]!.reduce((total, value) => total + value, sum);
        this.#runner.addGradients(results);
      }
    }
    return { logprobs, loss: sum };
  }

  #run(batch: AssembledBatch, recompute: boolean, loss?: TokenLoss): Promise<Results> {
    const { lora } = this.#options;
    return this.#runner.run(batch, {
      key: `${loss?.key ?? "forward"} ${recompute}`,
      kept: loss && !recompute ? "all layers" : "one layer",
      build: () => {
        if (!loss) return forwardGraph(this.config, batch.shape, lora);
        const trainable = this.store.trainable.map(({ name }) => name);
        const options = { ...(lora && { lora }), recompute, trainable };
        return forwardBackwardGraph(this.config, batch.shape, loss, options);
      },
    });
  }

  #example(datum: Datum, index: number, loss?: Loss, perToken?: TokenLoss): Example {
    checkDatum(loss ? datum : unweighted(datum), loss ?? { name: "cross_entropy" }, index);
    const tokens = inputTokens(datum.modelInput);
    const targets = datum.lossInputs.target_tokens.data;
    const { maxContextLength, vocabularySize } = this.config;
    checkTokens(tokens, vocabularySize, `datum ${index}: model input`);
    checkTokens(targets, vocabularySize, `datum ${index}: target_tokens`);
    for (const [key, tensor] of Object.entries(datum.lossInputs))
      if (tensor && tensor.data.length !== tokens.length)
        throw new TinkerError("user", `datum ${index}: ${key} has several values a position, must have one`);
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
    const headFrom = loss && this.#options.logprobs === "weighted" ? Math.max(0, active.indexOf(1)) : 0;
    return { tokens, targets, values, active, headFrom };
  }
}

/** The part of a datum that a forward pass reads, with the weights that the check of a loss wants. */
function unweighted({ modelInput, lossInputs: { target_tokens } }: Datum): Datum {
  const weights = floats(new Float32Array(inputTokens(modelInput).length));
  return { modelInput, lossInputs: { target_tokens, weights } };
}
