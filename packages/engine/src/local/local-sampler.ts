import {
  type Pending,
  pendingResult,
  type SampleOptions,
  type SampleRequest,
  type SampleResult,
  type Sampler,
  type TokenIds,
  type WantedLogprobs,
} from "@armature/tinker";
import type { WorkerChannel } from "./worker-channel.ts";

/** A sampler of one set of weights in the engine thread. */
export class LocalSampler implements Sampler {
  readonly #channel: WorkerChannel;
  readonly #samplerId: number;

  constructor(channel: WorkerChannel, samplerId: number) {
    this.#channel = channel;
    this.#samplerId = samplerId;
  }

  sample(prompt: TokenIds, options: SampleOptions): Pending<SampleResult> {
    return pendingResult(this.sampleMany([{ prompt, options }]).result.then((results) => results[0]!));
  }

  sampleMany(requests: readonly SampleRequest[]): Pending<readonly SampleResult[]> {
    return pendingResult(this.#channel.call("sampleMany", { samplerId: this.#samplerId, requests }));
  }

  logprobs(tokens: TokenIds): Pending<Float32Array> {
    return pendingResult(this.logprobsMany([tokens]).result.then((rows) => rows[0]!));
  }

  logprobsMany(
    sequences: readonly TokenIds[],
    { from }: Partial<WantedLogprobs> = {},
  ): Pending<readonly Float32Array[]> {
    const samplerId = this.#samplerId;
    return pendingResult(this.#channel.call("logprobsMany", { samplerId, sequences, ...(from && { from }) }));
  }

  async dispose(): Promise<void> {
    await this.#channel.call("releaseSampler", { samplerId: this.#samplerId });
  }
}
