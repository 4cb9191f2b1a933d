import type {
  AdamParams,
  Datum,
  ForwardBackwardResult,
  Loss,
  OptimStepResult,
  SampleRequest,
  SampleResult,
  TokenIds,
} from "@armature/tinker";
import { integers, TinkerError, textInput } from "@armature/tinker";
import type { LoraConfig } from "../model/lora.ts";
import type { ModelConfig } from "../model/model-config.ts";
import type { TokenizerFiles } from "../tokenizer/tokenizer.ts";
import { BaseModel } from "./base-model.ts";
import type { EngineCall } from "./engine-messages.ts";
import type { PolicyWeights } from "./policy-weights.ts";

/** Where a base model comes from: a file or folder, or random weights. */
export type EngineSource =
  | { readonly kind: "path"; readonly path: string }
  | {
      readonly kind: "random";
      readonly name: string;
      readonly config: ModelConfig;
      readonly seed: number;
      /** Files of a word-level tokenizer, saved beside the weights. */
      readonly tokenizer?: TokenizerFiles;
    };

/** How an engine computes; nothing here changes what is computed beyond rounding. */
export interface EngineSettings {
  /** CPU threads inside one operation; default half of the logical processors, at least 1, at most 8. */
  readonly threads?: number;
  /**
   * Tokens of a micro-batch in training, padding included; by default as many as a gigabyte of activations allows, at most
   * 4096. A single sequence may be longer.
   */
  readonly tokenBudget?: number;
  /** Rows decoded together; default 512, for models above 20 M parameters 32. */
  readonly maxBatch?: number;
  /** Trains responses that share a prompt as one row; default true. */
  readonly packGroups?: boolean;
  /** Which logprobs `forwardBackward` returns: all, or NaN where the loss has no coefficient, which saves time. Default all. */
  readonly logprobs?: "all" | "weighted";
  /**
   * Computes layers again in the backward pass: less memory, about a third more time in training. By default only where a
   * sequence would need more than 2 GiB of activations or where long groups then need not be cut.
   */
  readonly recompute?: boolean;
}

/** The base model that an engine has open. */
export interface ModelInfo {
  readonly modelName: string;
  readonly maxContextLength: number;
  readonly vocabularySize: number;
  readonly eosTokenIds: readonly number[];
  readonly parameterCount: number;
}

/**
 * Everything that one engine thread owns: a base model, the policies trained on it, and samplers of fixed weights. A
 * sampler shares its policy's arrays until the policy is about to change them; only then is a copy made for it.
 */
export class EngineHost {
  #base: BaseModel | undefined;
  readonly #policies = new Map<number, PolicyWeights>();
  readonly #samplers = new Map<number, PolicyWeights>();
  #nextId = 0;

  handle(call: EngineCall): Promise<unknown> {
    return (this[call.method] as (params: unknown) => Promise<unknown>)(call.params);
  }

  async open(params: { source: EngineSource; settings: EngineSettings }): Promise<ModelInfo> {
    this.#base = await BaseModel.open(params.source, params.settings);
    return this.#base.info;
  }

  async createModel({ lora }: { lora: LoraConfig | null }): Promise<{ modelId: number }> {
    const modelId = this.#nextId++;
    this.#policies.set(modelId, this.#opened().policy(lora));
    return { modelId };
  }

  async createScalarModel(params: {
    lora: LoraConfig | null;
    headSeed: number;
  }): Promise<{ modelId: number }> {
    const policy = this.#opened().scalarPolicy(params.lora, params.headSeed);
    const modelId = this.#nextId++;
    this.#policies.set(modelId, policy);
    return { modelId };
  }

  async releaseModel({ modelId }: { modelId: number }): Promise<void> {
    const policy = this.#policies.get(modelId);
    this.#policies.delete(modelId);
    if (!policy) return;
    // Samplers that go on need the weights alone, not the gradients and the optimizer's memory beside them.
    this.#detachSamplers(policy);
    await this.#releaseUnused(policy);
  }

  async forward({
    modelId,
    data,
  }: {
    modelId: number;
    data: readonly Datum[];
  }): Promise<ForwardBackwardResult> {
    return this.#opened().trainer(this.#policy(modelId)).forward(data);
  }

  async forwardBackward(params: {
    modelId: number;
    data: readonly Datum[];
    loss: Loss;
  }): Promise<ForwardBackwardResult> {
    return this.#opened().trainer(this.#policy(params.modelId)).forwardBackward(params.data, params.loss);
  }

  async score(params: { modelId: number; sequences: readonly TokenIds[] }): Promise<Float32Array> {
    return this.#opened().scalarTrainer(this.#policy(params.modelId)).score(params.sequences);
  }

  async addScoreGradients(params: {
    modelId: number;
    sequences: readonly TokenIds[];
    gradients: Float64Array;
  }): Promise<void> {
    const trainer = this.#opened().scalarTrainer(this.#policy(params.modelId));
    await trainer.addGradients(params.sequences, params.gradients);
  }

  async optimStep({ modelId, adam }: { modelId: number; adam: AdamParams }): Promise<OptimStepResult> {
    const policy = this.#policy(modelId);
    this.#detachSamplers(policy);
    return this.#opened().optimStep(policy, adam);
  }

  async saveState(params: { modelId: number; path: string; optimizer: boolean }): Promise<void> {
    this.#opened().save(this.#policy(params.modelId), params.path, params.optimizer);
  }

  async loadState(params: { modelId: number; path: string; optimizer: boolean }): Promise<void> {
    const policy = this.#policy(params.modelId);
    this.#detachSamplers(policy);
    this.#opened().load(policy, params.path, params.optimizer);
  }

  async samplerNow({ modelId }: { modelId: number }): Promise<number> {
    const samplerId = this.#nextId++;
    this.#samplers.set(samplerId, this.#policy(modelId));
    return samplerId;
  }

  async baseSampler(_: Record<string, never>): Promise<number> {
    const samplerId = this.#nextId++;
    this.#samplers.set(samplerId, this.#opened().basePolicy());
    return samplerId;
  }

  async releaseSampler({ samplerId }: { samplerId: number }): Promise<void> {
    const weights = this.#samplers.get(samplerId);
    this.#samplers.delete(samplerId);
    if (weights) await this.#releaseUnused(weights);
  }

  async sampleMany(params: {
    samplerId: number;
    requests: readonly SampleRequest[];
  }): Promise<readonly SampleResult[]> {
    const weights = this.#sampler(params.samplerId);
    await this.#opened().makeRoomForSampling();
    return this.#opened().decoder(weights).sampleMany(params.requests);
  }

  /** Through the trainer's forward pass, which computes a prompt shared by several sequences once. */
  async logprobsMany(params: {
    samplerId: number;
    sequences: readonly TokenIds[];
    from?: readonly number[];
  }): Promise<readonly Float32Array[]> {
    const weights = this.#sampler(params.samplerId);
    const data = params.sequences.map((sequence) => {
      const tokens = Int32Array.from(sequence);
      return {
        modelInput: textInput(tokens.slice(0, -1)),
        lossInputs: { target_tokens: integers(tokens.slice(1)) },
      };
    });
    // The logprob of token t comes from position t − 1.
    const headFrom = params.from?.map((token) => Math.max(0, token - 1));
    const { logprobs } = await this.#opened().trainer(weights).forward(data, headFrom);
    return logprobs.map((row) => Float32Array.of(Number.NaN, ...row));
  }

  #detachSamplers(policy: PolicyWeights): void {
    let copy: PolicyWeights | undefined;
    for (const [id, weights] of this.#samplers) {
      if (weights !== policy) continue;
      copy ??= policy.frozenCopy();
      this.#samplers.set(id, copy);
    }
  }

  async #releaseUnused(weights: PolicyWeights): Promise<void> {
    if ([...this.#policies.values(), ...this.#samplers.values()].includes(weights)) return;
    await this.#opened().release(weights);
  }

  #opened(): BaseModel {
    if (!this.#base) throw new TinkerError("user", "no model is open");
    return this.#base;
  }

  #policy(modelId: number): PolicyWeights {
    const policy = this.#policies.get(modelId);
    if (!policy) throw new TinkerError("user", `training model ${modelId} was disposed`);
    return policy;
  }

  #sampler(samplerId: number): PolicyWeights {
    const weights = this.#samplers.get(samplerId);
    if (!weights) throw new TinkerError("user", `sampler ${samplerId} was disposed`);
    return weights;
  }
}
