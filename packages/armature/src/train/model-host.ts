import { basename } from "node:path";
import { type EngineSettings, LocalEngine, type LoraConfig } from "@armature/engine";
import { ServiceClient, TinkerError, type TrainingModel } from "@armature/tinker";
import { ConfigError } from "../errors.ts";
import { ServerModel } from "./server-model.ts";

/** Where models over one base are trained: the engine in this process, or a server of the training protocol. */
export interface ModelHost {
  /** A trainable model; `checkpoints` is the folder below which `saveState` and `saveWeights` write. */
  createModel(options: { lora: LoraConfig | null; checkpoints: string }): Promise<TrainingModel>;
  close(): Promise<void>;
}

/** Environment variable of the key that servers are asked with. */
const KEY_VARIABLE = "TINKER_API_KEY";

/** The factor that servers of the protocol give every adapter; only this toolkit's own takes another one. */
const SERVER_ALPHA = 32;

/**
 * Opens the base model at `path` in this process, or with a URL the base model of that name on a server. Throws `ModelFileError`
 * for a file that cannot be read, and `ConfigError` for a server that cannot be reached or lacks the model.
 */
export async function openModelHost(
  path: string,
  url: string | null,
  settings: EngineSettings,
): Promise<ModelHost> {
  if (url === null) return LocalEngine.open({ kind: "path", path }, settings);
  const apiKey = process.env[KEY_VARIABLE];
  try {
    const client = await ServiceClient.connect({ url, ...(apiKey !== undefined && { apiKey }) });
    return new ServerHost(client, basename(path).replace(/\.(gguf|bin)$/, ""));
  } catch (error) {
    throw configError(url, error);
  }
}

class ServerHost implements ModelHost {
  readonly #client: ServiceClient;
  readonly #baseModel: string;
  readonly #models: TrainingModel[] = [];

  constructor(client: ServiceClient, baseModel: string) {
    this.#client = client;
    this.#baseModel = baseModel;
  }

  async createModel({
    lora,
    checkpoints,
  }: {
    lora: LoraConfig | null;
    checkpoints: string;
  }): Promise<TrainingModel> {
    const { name } = this.#client.profile;
    if (lora && lora.alpha !== SERVER_ALPHA && name !== "armature")
      throw new ConfigError(
        `model.lora.alpha is ${lora.alpha}, but ${name} scales every adapter by ${SERVER_ALPHA}; set it to ${SERVER_ALPHA}`,
      );
    try {
      const model = await this.#client.createModel({
        baseModel: this.#baseModel,
        lora: lora && {
          rank: lora.rank,
          seed: lora.seed,
          train_attn: lora.attention,
          train_mlp: lora.mlp,
          train_unembed: lora.head,
          ...(lora.alpha !== SERVER_ALPHA && { alpha: lora.alpha }),
        },
      });
      this.#models.push(model);
      return new ServerModel(model, this.#client.checkpoints, checkpoints);
    } catch (error) {
      throw configError(name, error);
    }
  }

  async close(): Promise<void> {
    // A server that is gone has nothing to give back.
    await Promise.allSettled(this.#models.map((model) => model.dispose()));
    this.#client.close();
  }
}

function configError(server: string, error: unknown): unknown {
  if (!TinkerError.isInstance(error) || error.kind === "cancelled") return error;
  return new ConfigError(`model.url ${server}: ${error.message}`, { cause: error });
}
