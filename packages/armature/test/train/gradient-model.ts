import { type ParameterStore, Trainer, type TrainerOptions } from "@armature/engine";
import {
  type AdamParams,
  type Capabilities,
  type CustomLoss,
  type Datum,
  type ForwardBackwardResult,
  integers,
  type Loss,
  type OptimStepResult,
  type Pending,
  pendingResult,
  type SampleResult,
  type Sampler,
  type TokenIds,
  type TrainingModel,
  textInput,
} from "@armature/tinker";

/**
 * A training model in this thread whose gradients can be read: a step keeps them, and the weights stay as they are. It
 * neither samples nor saves.
 */
export class GradientModel implements TrainingModel {
  readonly capabilities: Capabilities;
  readonly store: ParameterStore;
  readonly #trainer: Trainer;
  /** Sum of the losses of all calls. */
  loss = 0;

  constructor(
    config: ConstructorParameters<typeof Trainer>[0],
    store: ParameterStore,
    options: TrainerOptions & { readonly referenceKl?: boolean } = {},
  ) {
    const { referenceKl = true, ...trainer } = options;
    this.store = store;
    this.#trainer = new Trainer(config, store, trainer);
    this.capabilities = {
      modelName: "gradients",
      maxContextLength: config.maxContextLength,
      vocabularySize: config.vocabularySize,
      losses: ["cross_entropy", "importance_sampling", "ppo", "cispo"],
      signedWeights: true,
      gradClipNorm: true,
      referenceKl,
      loraRank: 0,
    };
  }

  forward(data: readonly Datum[]): Pending<ForwardBackwardResult> {
    return pendingResult(this.#trainer.forward(data));
  }

  forwardBackward(data: readonly Datum[], loss: Loss): Pending<ForwardBackwardResult> {
    return this.#counted(this.#trainer.forwardBackward(data, loss));
  }

  forwardBackwardCustom(data: readonly Datum[], loss: CustomLoss): Pending<ForwardBackwardResult> {
    return this.#counted(this.#trainer.forwardBackwardCustom(data, loss));
  }

  optimStep(_: AdamParams): Pending<OptimStepResult> {
    return pendingResult(Promise.resolve({ metrics: {} }));
  }

  samplerNow(): Pending<Sampler> {
    return pendingResult(Promise.resolve(new ScoringSampler(this.#trainer)));
  }

  saveState = unused;
  saveWeights = unused;
  loadState = unused;

  dispose(): Promise<void> {
    return this.#trainer.dispose();
  }

  #counted(result: Promise<ForwardBackwardResult>): Pending<ForwardBackwardResult> {
    return pendingResult(
      result.then((found) => {
        this.loss += found.metrics["loss:sum"]!;
        return found;
      }),
    );
  }
}

/** Logprobs by a trainer's forward pass. */
class ScoringSampler implements Sampler {
  readonly #trainer: Trainer;

  constructor(trainer: Trainer) {
    this.#trainer = trainer;
  }

  logprobs(tokens: TokenIds): Pending<Float32Array> {
    return pendingResult(this.logprobsMany([tokens]).result.then((rows) => rows[0]!));
  }

  logprobsMany(sequences: readonly TokenIds[]): Pending<readonly Float32Array[]> {
    const data = sequences.map((sequence) => {
      const tokens = Int32Array.from(sequence);
      return {
        modelInput: textInput(tokens.slice(0, -1)),
        lossInputs: { target_tokens: integers(tokens.slice(1)) },
      };
    });
    const result = this.#trainer.forward(data);
    return pendingResult(
      result.then(({ logprobs }) => logprobs.map((row) => Float32Array.of(Number.NaN, ...row))),
    );
  }

  sample = (): Pending<SampleResult> => unused();
  sampleMany = (): Pending<readonly SampleResult[]> => unused();
  dispose = async (): Promise<void> => undefined;
}

function unused(): never {
  throw new Error("a gradient model neither samples nor saves");
}
