import type { Capabilities } from "../capabilities.ts";
import { TinkerError } from "../errors.ts";
import type { LossName } from "../loss.ts";
import {
  AuthTokenReply,
  ClientConfig,
  type LoraSettings,
  readJson,
  readValue,
  ServerCapabilities,
  Submitted,
} from "../wire/index.ts";
import { awaitResult } from "./await-result.ts";
import { CheckpointStore } from "./checkpoint-store.ts";
import { ClientConnection } from "./client-connection.ts";
import type { ClientEvent, SessionState } from "./client-events.ts";
import { type ClientLimits, DEFAULT_LIMITS } from "./client-limits.ts";
import { keyCredential, TokenCredential } from "./credential.ts";
import { replyText } from "./http-call.ts";
import { HttpTrainingModel } from "./http-training-model.ts";
import { HttpTransport, type TransportSettings } from "./http-transport.ts";
import { probeServer } from "./probe-server.ts";
import { RequestJournal } from "./request-journal.ts";
import { RESULTS } from "./result-readers.ts";
import { openSampler, type SamplerWeights } from "./sampling-session.ts";
import { ServerAddress } from "./server-address.ts";
import { ALL_LOSSES, armatureProfile, type ServerProfile, unknownProfile } from "./server-profile.ts";
import { WireChoice } from "./wire-choice.ts";

/** How to reach a server. */
export interface ServiceOptions {
  /** `http://127.0.0.1:8000`, or the hosted service's address; `/api/v1` is added. */
  readonly url: string;
  /** Sent as `X-API-Key` to this address alone. */
  readonly apiKey?: string;
  /** Lets the key travel unencrypted to another machine. */
  readonly allowPlainHttp?: boolean;
  /** Encoding of forward-backward requests and of large results; by default what the server takes. */
  readonly wire?: "auto" | "json" | "protobuf";
  /** What is known of the server, or `probe` (the default) to find out when the first model is made, or `none`. */
  readonly profile?: ServerProfile | "probe" | "none";
  readonly limits?: Partial<ClientLimits>;
  readonly onEvent?: (event: ClientEvent) => void;
  /** Cancels every call; training work that the server has accepted cannot be undone. */
  readonly signal?: AbortSignal;
  /** File that notes which requests are out, for `recoverRequests` after a crash. */
  readonly journal?: string;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly projectId?: string;
  /** The version that servers are told; some decide by it what they send. Default 0.38.0. */
  readonly sdkVersion?: string;
}

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

/** Endpoints that a server may lack. */
const ABSENT = new Set([404, 405, 501]);

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
    const address = new ServerAddress(options.url, options.allowPlainHttp);
    const version = options.sdkVersion ?? "0.38.0";
    const settings: TransportSettings = {
      address,
      credential: keyCredential(options.apiKey),
      limits: { ...DEFAULT_LIMITS, ...options.limits },
      onEvent: options.onEvent ?? (() => undefined),
      signal: options.signal,
      wire: options.wire ?? "auto",
    };
    const withKey = new HttpTransport(settings);
    const configReply = await optional(withKey, { path: "client/config", body: { sdk_version: version } });
    const config = readValue(ClientConfig, configReply ?? {}, "client/config", "protocol");
    const transport = config.pjwt_auth_enabled
      ? new HttpTransport({ ...settings, credential: tokenCredential(withKey) })
      : withKey;
    const offered = await optional(transport, { method: "GET", path: "get_server_capabilities" });
    const capabilities = readValue(ServerCapabilities, offered ?? {}, "get_server_capabilities", "protocol");
    const own = capabilities.server === "armature";
    const first = settings.wire === "auto" ? (own || isHosted(address) ? "protobuf" : "json") : settings.wire;
    const given = typeof options.profile === "object" ? options.profile : undefined;
    const connection = new ClientConnection({
      transport,
      config,
      capabilities,
      wire: new WireChoice(first, own || settings.wire !== "auto", config.proto_compress_fwdbwd),
      profile: given ?? (own ? announced(capabilities) : unknownProfile(address.url.host)),
      journal: options.journal === undefined ? undefined : new RequestJournal(options.journal),
      session: {
        tags: options.tags ?? [],
        user_metadata: options.metadata ?? {},
        sdk_version: version,
        ...(options.projectId !== undefined && { project_id: options.projectId }),
        type: "create_session",
      },
    });
    await connection.openSession();
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
    this.#connection.profile = await this.#probe;
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

/** The reply of an endpoint that servers may lack, as JSON. */
async function optional(
  transport: HttpTransport,
  call: Parameters<HttpTransport["call"]>[0],
): Promise<unknown> {
  try {
    const text = replyText(await transport.call(call));
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (TinkerError.isInstance(error)) {
      if (ABSENT.has(error.status ?? 0)) return undefined;
      throw error;
    }
    throw new TinkerError("protocol", `${call.path}: the answer is not JSON; is this a training server?`, {
      cause: error,
    });
  }
}

function tokenCredential(withKey: HttpTransport): TokenCredential {
  return new TokenCredential(withKey.settings.credential, async () => {
    const reply = await withKey.call({ path: "auth/token", body: {} });
    return readJson(AuthTokenReply, replyText(reply), "auth/token", "protocol").jwt;
  });
}

function announced({ supported_models: models }: ServerCapabilities): ServerProfile {
  const named = models.flatMap(({ losses }) => losses ?? []);
  const losses = ALL_LOSSES.filter((loss): loss is LossName => named.length === 0 || named.includes(loss));
  return armatureProfile(
    losses,
    models.some(({ reference_kl }) => reference_kl === true),
  );
}

const isHosted = ({ url }: ServerAddress): boolean => url.hostname.endsWith(".thinkingmachines.dev");
