import { availableParallelism } from "node:os";
import { type AdamParams, type OptimStepResult, TinkerError } from "@armature/tinker";
import { fingerprintWeights } from "../checkpoint/fingerprint.ts";
import { sizeOf } from "../graph/tensor.ts";
import { initializeParameters } from "../model/initialize.ts";
import { initializeLora, type LoraConfig, loraParameters } from "../model/lora.ts";
import type { ModelConfig } from "../model/model-config.ts";
import { baseParameters, type Parameter, ParameterStore } from "../model/parameters.ts";
import { initializeScoreHead, scalarParameters } from "../model/scalar-head.ts";
import { SessionCache } from "../runtime/session-cache.ts";
import { Decoder } from "../sampling/decoder.ts";
import type { Tokenizer } from "../tokenizer/tokenizer.ts";
import { readWordTokenizer } from "../tokenizer/word-tokenizer.ts";
import { SESSION_BYTES } from "../training/batch-runner.ts";
import { ScalarTrainer } from "../training/scalar-trainer.ts";
import { Trainer, type TrainerOptions } from "../training/trainer.ts";
import { loadModel } from "../weights/load-model.ts";
import type { EngineSettings, EngineSource, ModelInfo } from "./engine-host.ts";
import { type CheckpointBase, loadPolicy, savePolicy } from "./policy-checkpoint.ts";
import { PolicyWeights } from "./policy-weights.ts";

/** Above this many parameters fewer rows are decoded at once: more gain no speed. */
const LARGE_MODEL = 20_000_000;
const LARGE_MODEL_ROWS = 32;
/** Threads by default are half of the logical processors, which are often two to a core, and no more than this. */
const MOST_THREADS = 8;

/** The weights that all policies of an engine start from, and what trains and samples them. */
export class BaseModel {
  readonly config: ModelConfig;
  readonly info: ModelInfo;
  readonly #parameters: readonly Parameter[];
  readonly #tokenizer: Tokenizer | undefined;
  readonly #settings: EngineSettings;
  readonly #trainers = new Map<PolicyWeights, Trainer>();
  readonly #scalarTrainers = new Map<PolicyWeights, ScalarTrainer>();
  /** Weights are fed, so a session serves every policy with the same kind of adapter. */
  readonly #trainingSessions = new SessionCache({ sessions: 32, bytes: SESSION_BYTES });
  /** One decoder per kind of adapter: its sessions serve every policy of that kind. */
  readonly #decoders = new Map<string, { decoder: Decoder; source: { weights: PolicyWeights } }>();
  readonly #base: PolicyWeights;
  #fingerprint: string | undefined;

  private constructor(
    name: string,
    config: ModelConfig,
    parameters: readonly Parameter[],
    tokenizer: Tokenizer | undefined,
    settings: EngineSettings,
  ) {
    this.config = config;
    this.#parameters = parameters;
    this.#tokenizer = tokenizer;
    this.#settings = settings;
    this.#base = new PolicyWeights(new ParameterStore([], parameters), undefined);
    this.info = {
      modelName: name,
      maxContextLength: config.maxContextLength,
      vocabularySize: config.vocabularySize,
      eosTokenIds: config.eosTokenIds,
      parameterCount: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    };
  }

  static async open(source: EngineSource, settings: EngineSettings): Promise<BaseModel> {
    if (source.kind === "random") {
      const store = new ParameterStore(baseParameters(source.config));
      initializeParameters(store, source.config, source.seed);
      const tokenizer = source.tokenizer && readWordTokenizer(source.tokenizer, source.name);
      return new BaseModel(source.name, source.config, store.trainable, tokenizer, settings);
    }
    const { config, weights, tokenizer } = await loadModel(source.path);
    const parameters = baseParameters(config).map((spec) => ({ ...spec, values: weights.get(spec.name)! }));
    return new BaseModel(source.path, config, parameters, tokenizer, settings);
  }

  /** The base's own weights, as loaded. */
  basePolicy(): PolicyWeights {
    return this.#base;
  }

  /** New trainable weights: an adapter at its start, or a copy of all of the base's. */
  policy(lora: LoraConfig | null): PolicyWeights {
    if (lora) {
      const store = new ParameterStore(loraParameters(this.config, lora), this.#parameters);
      initializeLora(store, this.config, lora);
      return new PolicyWeights(store, lora);
    }
    const store = new ParameterStore(baseParameters(this.config));
    for (const { name, values } of this.#parameters) store.set(name, values);
    return new PolicyWeights(store, undefined);
  }

  /** New trainable weights with a scalar head: the body as loaded, adapted or copied, and a head at its start. */
  scalarPolicy(lora: LoraConfig | null, headSeed: number): PolicyWeights {
    if (lora?.head)
      throw new TinkerError(
        "user",
        "a scalar model has no output head to adapt; set the adapter's head to false",
      );
    const adapter = lora ?? undefined;
    const store = new ParameterStore(scalarParameters(this.config, adapter), lora ? this.#parameters : []);
    if (lora) initializeLora(store, this.config, lora);
    else for (const { name, values } of this.#parameters) if (store.has(name)) store.set(name, values);
    initializeScoreHead(store, adapter, headSeed);
    return new PolicyWeights(store, adapter, "scalar");
  }

  trainer(weights: PolicyWeights): Trainer {
    if (weights.head !== "language") throw new TinkerError("user", "a scalar model has no logprobs");
    const { logprobs = "all" } = this.#settings;
    const trainer =
      this.#trainers.get(weights) ??
      new Trainer(this.config, weights.store, { ...this.#trainerOptions(weights), logprobs });
    this.#trainers.set(weights, trainer);
    return trainer;
  }

  scalarTrainer(weights: PolicyWeights): ScalarTrainer {
    if (weights.head !== "scalar") throw new TinkerError("user", "a language model has no scores");
    const trainer =
      this.#scalarTrainers.get(weights) ??
      new ScalarTrainer(this.config, weights.store, this.#trainerOptions(weights));
    this.#scalarTrainers.set(weights, trainer);
    return trainer;
  }

  optimStep(weights: PolicyWeights, adam: AdamParams): Promise<OptimStepResult> {
    return this.#anyTrainer(weights).optimStep(adam);
  }

  /** A decoder that reads these weights until it is asked for with others. */
  decoder(weights: PolicyWeights): Decoder {
    const kind = kindOf(weights.lora);
    const known = this.#decoders.get(kind);
    if (known) {
      known.source.weights = weights;
      return known.decoder;
    }
    const rows = this.info.parameterCount > LARGE_MODEL ? LARGE_MODEL_ROWS : undefined;
    const { maxBatch = rows } = this.#settings;
    const tokenizer = this.#tokenizer;
    const source = { weights };
    const baseValues = new Set(this.#parameters.map(({ values }) => values));
    const decoder = new Decoder(this.config, (name) => source.weights.store.get(name).values, {
      threads: this.#threads(),
      isConstant: (values) => baseValues.has(values),
      ...(weights.lora && { lora: weights.lora }),
      ...(maxBatch !== undefined && { maxBatch }),
      ...(tokenizer && { decodeText: (tokens: readonly number[]) => tokenizer.decode(tokens) }),
    });
    this.#decoders.set(kind, { decoder, source });
    return decoder;
  }

  /** Before a large model samples: sessions of training are built again faster than their memory is missed. */
  async makeRoomForSampling(): Promise<void> {
    if (this.info.parameterCount > LARGE_MODEL) await this.#trainingSessions.release();
  }

  save(weights: PolicyWeights, folder: string, withOptimizer: boolean): void {
    const { optimizer } = this.#anyTrainer(weights);
    savePolicy(folder, weights, withOptimizer ? optimizer : undefined, this.#checkpointBase());
  }

  load(weights: PolicyWeights, folder: string, withOptimizer: boolean): void {
    const { optimizer } = this.#anyTrainer(weights);
    loadPolicy(folder, weights, optimizer, withOptimizer, this.#checkpointBase());
  }

  /** Frees what was kept for weights that nobody holds any more. */
  async release(weights: PolicyWeights): Promise<void> {
    const trainer = this.#trainers.get(weights) ?? this.#scalarTrainers.get(weights);
    this.#trainers.delete(weights);
    this.#scalarTrainers.delete(weights);
    await trainer?.dispose();
  }

  #anyTrainer(weights: PolicyWeights): Trainer | ScalarTrainer {
    return weights.head === "scalar" ? this.scalarTrainer(weights) : this.trainer(weights);
  }

  #trainerOptions({ lora }: PolicyWeights): Omit<TrainerOptions, "logprobs"> {
    const { packGroups = true, recompute, tokenBudget } = this.#settings;
    return {
      threads: this.#threads(),
      sessionCache: this.#trainingSessions,
      ...(tokenBudget !== undefined && { tokenBudget }),
      packGroups,
      ...(recompute !== undefined && { recompute }),
      ...(lora && { lora }),
    };
  }

  #checkpointBase(): CheckpointBase {
    return {
      name: this.info.modelName,
      config: this.config,
      tokenizer: this.#tokenizer?.files,
      fingerprint: () => {
        this.#fingerprint ??= fingerprintWeights(this.#parameters.map(({ name, values }) => [name, values]));
        return this.#fingerprint;
      },
    };
  }

  #threads(): number {
    return this.#settings.threads ?? Math.max(1, Math.min(MOST_THREADS, availableParallelism() >> 1));
  }
}

/** Policies whose graphs are the same: the seed of an adapter does not change them. */
function kindOf(lora: LoraConfig | undefined): string {
  return JSON.stringify(lora ? { ...lora, seed: 0 } : null);
}
