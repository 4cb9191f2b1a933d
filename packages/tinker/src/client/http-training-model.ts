import type { Capabilities } from "../capabilities.ts";
import { customLossDatums } from "../custom-loss.ts";
import { checkDatum, type Datum } from "../datum.ts";
import { TinkerError } from "../errors.ts";
import type { Loss } from "../loss.ts";
import { inputTokens } from "../model-input.ts";
import { ADAM_DEFAULTS, type AdamParams } from "../optimizer.ts";
import type { Pending } from "../pending.ts";
import { floats } from "../tensor-data.ts";
import type {
  CustomLoss,
  ForwardBackwardResult,
  OptimStepResult,
  Sampler,
  TrainingModel,
} from "../training-model.ts";
import { checkCheckpointName, type ForwardBackwardOutput, lossConfig } from "../wire/index.ts";
import type { ResultReader } from "./await-result.ts";
import type { ClientConnection } from "./client-connection.ts";
import { datumChunks } from "./datum-chunks.ts";
import { HttpSampler } from "./http-sampler.ts";
import { mergeResults } from "./merge-results.ts";
import { type Accepted, ModelRequests, type SendRequest } from "./model-requests.ts";
import { RESULTS } from "./result-readers.ts";
import { openSampler } from "./sampling-session.ts";
import { refuseWrong, withStatedThresholds } from "./server-profile.ts";
import { Turns } from "./turns.ts";

/** A new model on the server with the same base and adapter: what `loadState` continues with. */
export type OpenModel = () => Promise<string>;

/**
 * A training model on a server. The next request is sent when the one before was acknowledged, so that servers which go by
 * arrival and servers which go by number agree; results are awaited apart from that.
 */
export class HttpTrainingModel implements TrainingModel {
  readonly capabilities: Capabilities;
  readonly #connection: ClientConnection;
  readonly #reopen: OpenModel;
  readonly #turns = new Turns();
  #modelId: string;
  #requests: ModelRequests;

  constructor(connection: ClientConnection, modelId: string, reopen: OpenModel, capabilities: Capabilities) {
    this.#connection = connection;
    this.#modelId = modelId;
    this.#reopen = reopen;
    this.#requests = this.#newRequests();
    this.capabilities = capabilities;
  }

  /** The server's id of the model, which is also the run in its checkpoints' paths. `loadState` may change it. */
  get modelId(): string {
    return this.#modelId;
  }

  /** Optimizer steps whose result has come. */
  get stepsApplied(): number {
    return this.#requests.stepsApplied;
  }

  forward(data: readonly Datum[]): Pending<ForwardBackwardResult> {
    const weighted = data.map(withWeights);
    return this.#forwardBackward(weighted, { name: "cross_entropy" }, true);
  }

  forwardBackward(data: readonly Datum[], loss: Loss): Pending<ForwardBackwardResult> {
    return this.#forwardBackward(data, loss, false);
  }

  forwardBackwardCustom(data: readonly Datum[], loss: CustomLoss): Pending<ForwardBackwardResult> {
    return this.#inTurn(async () => {
      const forward = await this.#submitDatums(data.map(withWeights), { name: "cross_entropy" }, true);
      const { logprobs } = await forward.result();
      const custom = loss(logprobs);
      const backward = await this.#submitDatums(customLossDatums(data, custom), CROSS_ENTROPY, false);
      return async () => ({
        logprobs: (await backward.result()).logprobs,
        metrics: { "loss:sum": custom.loss, ...custom.metrics },
      });
    });
  }

  optimStep(adam: AdamParams): Pending<OptimStepResult> {
    return this.#inTurn(async () => {
      const accepted = await this.#submit(RESULTS.optimStep, "optim_step", {
        adam_params: { ...ADAM_DEFAULTS, ...adam },
        type: "optim_step",
      });
      return () => accepted.result;
    });
  }

  saveState(name: string): Pending<{ readonly path: string }> {
    return this.#inTurn(async () => {
      checkCheckpointName(name);
      const accepted = await this.#submit(RESULTS.saved, "save_weights", {
        path: name,
        overwrite: true,
        type: "save_weights",
      });
      return () => accepted.result;
    });
  }

  saveWeights(name: string): Pending<{ readonly path: string }> {
    return this.#inTurn(async () => {
      checkCheckpointName(name);
      const accepted = await this.#submit(RESULTS.savedForSampler, "save_weights_for_sampler", {
        path: name,
        type: "save_weights_for_sampler",
      });
      return async () => {
        const { path } = await accepted.result;
        if (path === undefined) throw new TinkerError("protocol", `saving ${name}: the server names no path`);
        return { path };
      };
    });
  }

  /**
   * Loads weights saved by `saveState`. Servers load only into a model that has done nothing yet, so later this continues with
   * a new model on the server and gives the old one back.
   */
  loadState(path: string, options: { readonly optimizer?: boolean } = {}): Pending<void> {
    return this.#inTurn(async () => {
      if (!this.#requests.isFresh) {
        const [before, oldId] = [this.#requests, this.#modelId];
        this.#modelId = await this.#reopen();
        this.#requests = this.#newRequests();
        void before.settled().then(() => this.#connection.unload(oldId));
      }
      const optimizer = options.optimizer ?? true;
      const accepted = await this.#submit(RESULTS.loaded, "load_weights", {
        path,
        optimizer,
        type: "load_weights",
      });
      return async () => {
        await accepted.result;
      };
    });
  }

  samplerNow(): Pending<Sampler> {
    return this.#inTurn(async () => {
      const accepted = await this.#submit(RESULTS.savedForSampler, "save_weights_for_sampler", {
        sampling_session_seq_id: this.#connection.nextSamplerNumber(),
        type: "save_weights_for_sampler",
      });
      return async () => {
        const { sampling_session_id: id, path } = await accepted.result;
        if (id !== undefined) return new HttpSampler(this.#connection, id);
        if (path === undefined)
          throw new TinkerError("protocol", "the server names neither a sampling session nor a path");
        return openSampler(this.#connection, { modelPath: path });
      };
    });
  }

  async dispose(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#requests.settled();
      await this.#connection.unload(this.#modelId);
      return async () => undefined;
    }).result;
  }

  #forwardBackward(data: readonly Datum[], loss: Loss, forwardOnly: boolean): Pending<ForwardBackwardResult> {
    return this.#inTurn(async () => (await this.#submitDatums(data, loss, forwardOnly)).result);
  }

  async #submitDatums(
    data: readonly Datum[],
    loss: Loss,
    forwardOnly: boolean,
  ): Promise<{ readonly result: () => Promise<ForwardBackwardResult> }> {
    const { profile, config, wire } = this.#connection;
    data.forEach((datum, i) => {
      checkDatum(datum, loss, i);
    });
    if (data.length === 0) return { result: async () => ({ logprobs: [], metrics: {} }) };
    const chunks = datumChunks(data, {
      datums: config.fwdbwd_max_chunk_len,
      bytes: config.fwdbwd_max_chunk_bytes_count,
    });
    if (!forwardOnly) refuseWrong(profile, data, loss, chunks.length);
    const stated = withStatedThresholds(loss);
    const model_id = this.#modelId;
    const sends = chunks.map(
      (chunk): SendRequest =>
        (seq_id, call) =>
          wire.send(
            {
              model_id,
              seq_id,
              data: chunk,
              loss_fn: stated.name,
              loss_fn_config: lossConfig(stated),
              forward_only: forwardOnly,
            },
            call,
          ),
    );
    const reader: ResultReader<ForwardBackwardOutput> = forwardOnly
      ? RESULTS.forward
      : RESULTS.forwardBackward;
    const accepted = await this.#requests.submit(reader, sends, config.parallel_fwdbwd_chunks);
    return {
      result: async () => {
        const outputs = await Promise.all(accepted.map(({ result }) => result));
        return mergeResults(outputs.map((output, i) => ({ output, datums: chunks[i]!.length })));
      },
    };
  }

  async #submit<T>(reader: ResultReader<T>, path: string, body: object): Promise<Accepted<T>> {
    const model_id = this.#modelId;
    const [accepted] = await this.#requests.submit(reader, [
      (seq_id, call) => call({ path, body: { model_id, seq_id, ...body } }),
    ]);
    return accepted!;
  }

  /** `submit` runs when all earlier calls are acknowledged and returns how to get the result. */
  #inTurn<T>(submit: () => Promise<() => Promise<T>>): Pending<T> {
    const accepted = this.#turns.take(submit);
    const submitted = accepted.then(() => undefined);
    const result = accepted.then((read) => read());
    // Unobserved handles must not bring the process down; whoever awaits them still sees the rejection.
    for (const promise of [submitted, result]) promise.catch(() => undefined);
    return { submitted, result };
  }

  #newRequests(): ModelRequests {
    return new ModelRequests(this.#connection.transport, this.#modelId, this.#connection.journal);
  }
}

const CROSS_ENTROPY: Loss = { name: "cross_entropy" };

/** Servers ask for weights also where only logprobs are wanted. */
function withWeights(datum: Datum): Datum {
  const { target_tokens, weights } = datum.lossInputs;
  const length = inputTokens(datum.modelInput).length;
  return {
    modelInput: datum.modelInput,
    lossInputs: { target_tokens, weights: weights ?? floats(new Float32Array(length)) },
  };
}
