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
import type { ClientConnection } from "./client-connection.ts";
import { datumChunks } from "./datum-chunks.ts";
import { HttpSampler } from "./http-sampler.ts";
import { mergeResults } from "./merge-results.ts";
import { ModelRequests, type SendRequest, type Submission } from "./model-requests.ts";
import type { ResultReader } from "./read-poll.ts";
import { RESULTS } from "./result-readers.ts";
import { openSampler } from "./sampling-session.ts";
import { refuseWrong, withStatedThresholds } from "./server-profile.ts";
import { Turns } from "./turns.ts";

/** A new model on the server with the same base and adapter: what `loadState` continues with. */
export type OpenModel = () => Promise<string>;

/**
 * A training model on a server. A request takes its place when the call is made. Unless the server is known to go by number, it
 * is sent when the one before was acknowledged; results are awaited apart from that.
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
    return this.#forwardBackward(weighted, CROSS_ENTROPY, true);
  }

  forwardBackward(data: readonly Datum[], loss: Loss): Pending<ForwardBackwardResult> {
    return this.#forwardBackward(data, loss, false);
  }

  forwardBackwardCustom(data: readonly Datum[], loss: CustomLoss): Pending<ForwardBackwardResult> {
    return this.#inTurn(async () => {
      const forward = this.#submitDatums(data.map(withWeights), CROSS_ENTROPY, true);
      const { logprobs } = await (await forward.accepted)();
      const custom = loss(logprobs);
      const backward = this.#submitDatums(customLossDatums(data, custom), CROSS_ENTROPY, false);
      return mapped(backward, (result) => ({
        logprobs: result.logprobs,
        metrics: { "loss:sum": custom.loss, ...custom.metrics },
      }));
    });
  }

  optimStep(adam: AdamParams): Pending<OptimStepResult> {
    const adam_params = { ...ADAM_DEFAULTS, ...adam };
    return this.#inTurn(async () => this.#submit(RESULTS.optimStep, "optim_step", { adam_params }));
  }

  saveState(name: string): Pending<{ readonly path: string }> {
    return this.#inTurn(async () => {
      checkCheckpointName(name);
      return this.#submit(RESULTS.saved, "save_weights", { path: name, overwrite: true });
    });
  }

  saveWeights(name: string): Pending<{ readonly path: string }> {
    return this.#inTurn(async () => {
      checkCheckpointName(name);
      const saved = this.#submit(RESULTS.savedForSampler, "save_weights_for_sampler", { path: name });
      return mapped(saved, ({ path }) => {
        if (path === undefined) throw new TinkerError("protocol", `saving ${name}: the server names no path`);
        return { path };
      });
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
      return mapped(this.#submit(RESULTS.loaded, "load_weights", { path, optimizer }), () => undefined);
    });
  }

  samplerNow(): Pending<Sampler> {
    return this.#inTurn(async () => {
      const body = { sampling_session_seq_id: this.#connection.nextSamplerNumber() };
      const saved = this.#submit(RESULTS.savedForSampler, "save_weights_for_sampler", body);
      return mapped(saved, ({ sampling_session_id: id, path }): Sampler | Promise<Sampler> => {
        if (id !== undefined) return new HttpSampler(this.#connection, id);
        if (path !== undefined) return openSampler(this.#connection, { modelPath: path });
        throw new TinkerError("protocol", "the server names neither a sampling session nor a path");
      });
    });
  }

  async dispose(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#requests.settled();
      await this.#connection.unload(this.#modelId);
      return done(undefined);
    }).result;
  }

  #forwardBackward(data: readonly Datum[], loss: Loss, forwardOnly: boolean): Pending<ForwardBackwardResult> {
    return this.#inTurn(async () => this.#submitDatums(data, loss, forwardOnly));
  }

  #submitDatums(data: readonly Datum[], loss: Loss, forwardOnly: boolean): Work<ForwardBackwardResult> {
    const { profile, config, wire } = this.#connection;
    data.forEach((datum, i) => {
      checkDatum(datum, loss, i);
    });
    if (data.length === 0) return done({ logprobs: [], metrics: {} });
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
    const submission = this.#requests.submit(reader, sends, config.parallel_fwdbwd_chunks);
    return work(submission, (outputs) =>
      mergeResults(outputs.map((output, i) => ({ output, datums: chunks[i]!.length }))),
    );
  }

  #submit<T>(reader: ResultReader<T>, path: string, body: object): Work<T> {
    const model_id = this.#modelId;
    const send: SendRequest = (seq_id, call) =>
      call({ path, body: { model_id, seq_id, ...body, type: path } });
    return work(this.#requests.submit(reader, [send]), ([result]) => result!);
  }

  /** `submit` runs when it may be sent after all earlier calls. */
  #inTurn<T>(submit: () => Promise<Work<T>>): Pending<T> {
    const begun = this.#turns.take(async () => {
      const begins = await submit();
      // It may fail while there is no room yet for the next one, and is looked at only after that.
      begins.accepted.catch(() => undefined);
      await begins.sent;
      return begins;
    });
    const accepted = begun.then((begins) => begins.accepted);
    const submitted = accepted.then(() => undefined);
    const result = accepted.then((read) => read());
    // Unobserved handles must not bring the process down; whoever awaits them still sees the rejection.
    for (const promise of [submitted, result]) promise.catch(() => undefined);
    return { submitted, result };
  }

  #newRequests(): ModelRequests {
    return new ModelRequests(this.#connection, this.#modelId);
  }
}

/** A call on its way: when the next one may be sent, and when it is acknowledged, how to get its result. */
interface Work<T> {
  readonly sent: Promise<void>;
  readonly accepted: Promise<() => Promise<T>>;
}

function work<T, R>(
  { sent, accepted }: Submission<T>,
  merge: (results: readonly T[]) => R | Promise<R>,
): Work<R> {
  return {
    sent,
    accepted: accepted.then((all) => async () => merge(await Promise.all(all.map(({ result }) => result)))),
  };
}

function mapped<T, R>({ sent, accepted }: Work<T>, map: (value: T) => R | Promise<R>): Work<R> {
  return { sent, accepted: accepted.then((read) => async () => map(await read())) };
}

const done = <T>(value: T): Work<T> => ({
  sent: Promise.resolve(),
  accepted: Promise.resolve(async () => value),
});

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
