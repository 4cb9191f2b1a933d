import type { Capabilities } from "../capabilities.ts";
import { TinkerError } from "../errors.ts";
import { type LoraSettings, readJson, type ServerCapabilities, Submitted } from "../wire/index.ts";
import { awaitResult } from "./await-result.ts";
import { CheckpointStore } from "./checkpoint-store.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { SessionState } from "./client-events.ts";
import { replyText } from "./http-call.ts";
import { HttpTrainingModel } from "./http-training-model.ts";
import { openConnection, type ServiceOptions } from "./open-connection.ts";
import { probeServer } from "./probe-server.ts";
import { RESULTS } from "./result-readers.ts";
import { openSampler, type SamplerWeights } from "./sampling-session.ts";
import type { ServerProfile } from "./server-profile.ts";

/** A model to train. */
export interface ModelOptions {
  /** May be left out where the server offers a single one. */
  readonly baseModel?: string;
  /** The adapter, or null to train all weights (where the server can). Default rank 32. */
  readonly lora?: LoraSettings | null;
  /** A `tinker://…/weights/…` path to begin from, and whether the optimizer's state is loaded too. */
  readonly fromState?: { readonly path: string; readonly optimizer: boolean };
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A client of one server: opens a session, makes training models and samplers, lists checkpoints. Sends no telemetry. */
export class ServiceClient {
  readonly #connection: ClientConnection;
  readonly #options: ServiceOptions;
  #probe: Promise<ServerProfile> | undefined;

  private constructor(connection: ClientConnection, options: ServiceOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Throws `TinkerError`: `user` for an address that is refused, `auth` for a bad key, `connection` where nobody answers. */
  static async connect(options: ServiceOptions): Promise<ServiceClient> {
    const connection = await openConnection(options);
    return new ServiceClient(connection, options);
  }

  /** Models that the server offers; empty where it does not say. */
  get models(): ServerCapabilities["supported_models"] {
    return this.#connection.capabilities.supported_models;
  }

  /** What is known of how the server computes. */
  get profile(): ServerProfile {
    return this.#connection.profile;
  }

  get sessionId(): string {
    return this.#connection.sessionId;
  }

  get sessionState(): SessionState {
    return this.#connection.sessionState;
  }

  /** The encoding of forward-backward requests as negotiated so far. */
  get wire(): "json" | "protobuf" {
    return this.#connection.wire.current;
  }

  /** Training runs and checkpoints on the server. */
  get checkpoints(): CheckpointStore {
    return new CheckpointStore(this.#connection.transport);
  }

  /**
   * A model to train. Unless a profile was given, the server is probed before the first one: a few steps on a small adapter
   * that is given back.
   */
  async createModel(options: ModelOptions = {}): Promise<HttpTrainingModel> {
    const baseModel = this.#baseModel(options.baseModel);
    await this.#knowServer(baseModel);
    const model = await this.#openModel({ ...options, baseModel });
    if (options.fromState) {
      const { path, optimizer } = options.fromState;
      await model.loadState(path, { optimizer }).result;
    }
    return model;
  }

  /** A sampler of a base model or of saved weights. */
  createSampler(weights: SamplerWeights) {
    return openSampler(this.#connection, weights);
  }

  /** Computes small steps whose results are known and records what the server does differently. */
  async probe(baseModel?: string): Promise<ServerProfile> {
    const name = this.#baseModel(baseModel);
    const open = () => this.#openModel({ baseModel: name, lora: { rank: 4, seed: 1 } });
    const { ordersByNumber, referenceKl, name: server } = this.#connection.profile;
    this.#probe ??= probeServer(open, { name: server, ordersByNumber, referenceKl });
    try {
      this.#connection.profile = await this.#probe;
    } catch (error) {
      this.#probe = undefined;
      throw error;
    }
    return this.#connection.profile;
  }

  /** Ends the heartbeat; the server ends the session when it hears no more of it. */
  close(): void {
    this.#connection.close();
  }

  /** What the requests of models, samplers and the conformance suite go through. */
  get connection(): ClientConnection {
    return this.#connection;
  }

  async #knowServer(baseModel: string): Promise<void> {
    const { profile = "probe" } = this.#options;
    if (profile === "probe" && this.#connection.profile.evidence === "none") await this.probe(baseModel);
  }

  async #openModel(options: ModelOptions & { readonly baseModel: string }): Promise<HttpTrainingModel> {
    const lora = options.lora === undefined ? { rank: 32 } : options.lora;
    const open = () => this.#createModel({ ...options, lora });
    return new HttpTrainingModel(
      this.#connection,
      await open(),
      open,
      this.#capabilities(options.baseModel, lora?.rank ?? 0),
    );
  }

  async #createModel({ baseModel, lora, metadata }: ModelOptions): Promise<string> {
    const { transport } = this.#connection;
    return this.#connection.inSession(async (session_id) => {
      const since = Date.now();
      const reply = await transport.call({
        path: "create_model",
        body: {
          session_id,
          model_seq_id: this.#connection.nextModelNumber(),
          base_model: baseModel,
          ...(lora && { lora_config: this.#adapter(lora) }),
          ...(metadata && { user_metadata: metadata }),
          type: "create_model",
        },
      });
      const submitted = readJson(Submitted, replyText(reply), "create_model", "protocol");
      return (await awaitResult(transport, submitted, RESULTS.createModel, { since })).model_id;
    });
  }

  /** Other servers scale adapters by 32 / rank and know no field for it. */
  #adapter({ alpha, ...lora }: LoraSettings): LoraSettings {
    const { name } = this.#connection.profile;
    if (alpha === undefined || alpha === null) return lora;
    if (name === "armature") return { ...lora, alpha };
    if (alpha === 32) return lora;
    throw new TinkerError(
      "user",
      `lora alpha ${alpha}: ${name} has 32 for every adapter; set 32 or leave it out`,
    );
  }

  /** Some servers train the model that they have whatever is asked for: an unknown name is refused here. */
  #baseModel(name: string | undefined): string {
    const offered = this.models.flatMap(({ model_name }) => (model_name === undefined ? [] : [model_name]));
    if (name === undefined && offered.length === 1) return offered[0]!;
    if (name === undefined || (offered.length > 0 && !offered.includes(name)))
      throw new TinkerError(
        "user",
        `base model ${name ?? "not given"}: the server offers ${offered.join(", ") || "no list; give a name"}`,
      );
    return name;
  }

  #capabilities(baseModel: string, loraRank: number): Capabilities {
    const { profile } = this.#connection;
    const offered = this.models.find(({ model_name }) => model_name === baseModel);
    return {
      modelName: baseModel,
      maxContextLength: offered?.max_context_length ?? Number.MAX_SAFE_INTEGER,
      vocabularySize: offered?.vocabulary_size ?? Number.MAX_SAFE_INTEGER,
      losses: profile.losses,
      signedWeights: profile.signedWeights !== false,
      gradClipNorm: profile.gradClipNorm !== false,
      referenceKl: profile.referenceKl,
      loraRank,
    };
  }
}
