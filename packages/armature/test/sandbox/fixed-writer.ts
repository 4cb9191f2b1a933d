import {
  type Pending,
  pendingResult,
  type SampleOptions,
  type SampleRequest,
  type SampleResult,
  type Sampler,
  type TokenIds,
} from "@armature/tinker";
import { nanoDialect } from "../../src/sandbox/nano-dialect.ts";

/** A generator that always writes one text, in the sandbox's words. */
export class FixedWriter implements Sampler {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  sample(_prompt: TokenIds, options: SampleOptions): Pending<SampleResult> {
    return pendingResult(Promise.resolve(this.#answer(options)));
  }

  sampleMany(requests: readonly SampleRequest[]): Pending<readonly SampleResult[]> {
    return pendingResult(Promise.resolve(requests.map(({ options }) => this.#answer(options))));
  }

  logprobs(): Pending<Float32Array> {
    return pendingResult(Promise.reject(new Error("a writer gives no logprobs")));
  }

  logprobsMany(): Pending<readonly Float32Array[]> {
    return pendingResult(Promise.reject(new Error("a writer gives no logprobs")));
  }

  async dispose(): Promise<void> {}

  #answer({ numSamples = 1 }: SampleOptions): SampleResult {
    const tokens = nanoDialect.generator.encodeCompletion(this.#text);
    const sequence = { tokens, logprobs: new Float32Array(tokens.length), stopReason: "stop" as const };
    return { sequences: Array.from({ length: numSamples }, () => sequence) };
  }
}
