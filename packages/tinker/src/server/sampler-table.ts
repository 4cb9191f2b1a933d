import { TinkerError } from "../errors.ts";
import type { Sampler, TrainingModel } from "../training-model.ts";
import { readCheckpointPath } from "../wire/index.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import { HttpFault } from "./http-fault.ts";
import { SampleBatcher } from "./sample-batcher.ts";
import type { TrainingBackend } from "./training-backend.ts";

/** Which weights are sampled. */
export interface SampledWeights {
  readonly baseModel: string;
  /** A `tinker://` path; absent for the base model, and for weights that were not saved. */
  readonly modelPath?: string;
}

interface SamplingSession {
  readonly sessionId: string;
  readonly weights: SampledWeights;
  /** Of weights that were not saved. */
  readonly sampler?: OpenSampler;
}

interface OpenSampler {
  readonly sampler: Promise<Sampler>;
  readonly batcher: Promise<SampleBatcher>;
}

/**
 * What can be sampled: base models, saved weights (read when they are first asked for) and weights of a moment in training. Of
 * the last two as many stay in memory as the limit allows; the ones used longest ago go first.
 */
export class SamplerTable {
  readonly #backend: TrainingBackend;
  readonly #store: CheckpointStore;
  readonly #limit: number;
  readonly #sessions = new Map<string, SamplingSession>();
  /** Samplers of saved weights by path, and of moments by sampling session; the one used last stands last. */
  readonly #open = new Map<string, OpenSampler>();
  readonly #bases = new Map<string, OpenSampler>();

  constructor(backend: TrainingBackend, store: CheckpointStore, limit: number) {
    this.#backend = backend;
    this.#store = store;
    this.#limit = limit;
  }

  /** Throws `HttpFault` 404 for a base model or a path that is not there. */
  resolve(baseModel: string | undefined, modelPath: string | undefined): SampledWeights {
    if (modelPath !== undefined) {
      try {
        const place = readCheckpointPath(modelPath);
        this.#store.record(place);
        return { baseModel: this.#store.run(place.run).baseModel, modelPath };
      } catch (error) {
        if (TinkerError.isInstance(error)) throw new HttpFault(404, error.message);
        throw error;
      }
    }
    const names = this.#backend.models.map(({ name }) => name);
    if (baseModel !== undefined && names.includes(baseModel)) return { baseModel };
    throw new HttpFault(404, `there is no model ${baseModel ?? "named"} here, only ${names.join(", ")}`);
  }

  createSession(id: string, sessionId: string, weights: SampledWeights): void {
    if (!this.#sessions.has(id)) this.#sessions.set(id, { sessionId, weights });
  }

  /** A sampling session of weights as they are now in training. */
  createMoment(id: string, sessionId: string, baseModel: string, sampler: Sampler): void {
    const opened = openSampler(Promise.resolve(sampler));
    this.#sessions.set(id, { sessionId, weights: { baseModel }, sampler: opened });
    this.#keep(id, opened);
  }

  /** Throws `HttpFault` 404. */
  session(id: string): SamplingSession {
    const session = this.#sessions.get(id);
    if (!session)
      throw new HttpFault(404, `sampling session ${id} is not known here (any more); create a new one`);
    return session;
  }

  idsOf(sessionId: string): readonly string[] {
    return [...this.#sessions].filter(([, session]) => session.sessionId === sessionId).map(([id]) => id);
  }

  /** The batcher of a sampling session. Throws `TinkerError` where its weights were released or cannot be read. */
  async ofSession(id: string): Promise<SampleBatcher> {
    const { sampler, weights } = this.session(id);
    if (!sampler) return this.ofWeights(weights);
    if (!this.#open.has(id))
      throw new TinkerError(
        "user",
        `the weights of sampling session ${id} were released: ${this.#limit} others were used later; save weights under a name to keep them`,
      );
    this.#keep(id, sampler);
    return sampler.batcher;
  }

  ofWeights({ baseModel, modelPath }: SampledWeights): Promise<SampleBatcher> {
    if (modelPath === undefined) {
      const base = this.#bases.get(baseModel) ?? openSampler(this.#backend.baseSampler(baseModel));
      this.#bases.set(baseModel, base);
      return base.batcher;
    }
    const known = this.#open.get(modelPath) ?? openSampler(this.#read(modelPath));
    this.#keep(modelPath, known);
    known.sampler.catch(() => this.#open.delete(modelPath));
    return known.batcher;
  }

  /** Releases a sampling session and, where they are its own, its weights. */
  releaseSession(id: string): void {
    this.#sessions.delete(id);
    this.#release(id);
  }

  /** Releases saved weights that were deleted or saved anew. */
  releasePath(path: string): void {
    this.#release(path);
  }

  endSession(sessionId: string): void {
    for (const id of this.idsOf(sessionId)) this.releaseSession(id);
  }

  #keep(key: string, sampler: OpenSampler): void {
    this.#open.delete(key);
    this.#open.set(key, sampler);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= this.#limit) return;
      this.#release(oldest);
    }
  }

  #release(key: string): void {
    const open = this.#open.get(key);
    this.#open.delete(key);
    // Calls under way were posted before this one and are done first.
    void open?.sampler.then((sampler) => sampler.dispose()).catch(() => undefined);
  }

  async #read(path: string): Promise<Sampler> {
    const place = readCheckpointPath(path);
    const { baseModel, adapter } = this.#store.run(place.run);
    const model = await this.#backend.createModel(baseModel, adapter, this.#store.runFolder(place.run));
    try {
      await loadState(model, this.#store.statePath(place), false);
      return await model.samplerNow().result;
    } finally {
      await model.dispose();
    }
  }
}

/** Loads a checkpoint; one that does not fit the model is its sender's fault. */
export async function loadState(model: TrainingModel, path: string, optimizer: boolean): Promise<void> {
  try {
    await model.loadState(path, { optimizer }).result;
  } catch (error) {
    if (TinkerError.isInstance(error)) throw error;
    throw new TinkerError("user", (error as Error).message, { cause: error });
  }
}

function openSampler(sampler: Promise<Sampler>): OpenSampler {
  const batcher = sampler.then((opened) => new SampleBatcher(opened));
  batcher.catch(() => undefined);
  return { sampler, batcher };
}
