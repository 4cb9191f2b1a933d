import { TinkerError } from "../errors.ts";
import type { LossName } from "../loss.ts";
import { AuthTokenReply, ClientConfig, readJson, readValue, ServerCapabilities } from "../wire/index.ts";
import { ClientConnection } from "./client-connection.ts";
import type { ClientEvent } from "./client-events.ts";
import { type ClientLimits, DEFAULT_LIMITS } from "./client-limits.ts";
import { keyCredential, TokenCredential } from "./credential.ts";
import { replyText } from "./http-call.ts";
import { HttpTransport, type TransportSettings } from "./http-transport.ts";
import { RequestJournal } from "./request-journal.ts";
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

/** Endpoints that a server may lack. */
const ABSENT = new Set([404, 405, 501]);

/** Asks a server what it is and opens a session on it. Throws `TinkerError`. */
export async function openConnection(options: ServiceOptions): Promise<ClientConnection> {
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
  const transport = new HttpTransport({
    ...settings,
    limits: {
      ...settings.limits,
      billingMs: options.limits?.billingMs ?? 1000 * config.billing_exception_max_pause_duration_sec,
    },
    credential: config.pjwt_auth_enabled ? tokenCredential(withKey) : settings.credential,
  });
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
  return connection;
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
