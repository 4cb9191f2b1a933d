import {
  pendingResult,
  type SampleRequest,
  type SampleResult,
  type Sampler,
  TinkerError,
} from "@armature/tinker";
import { describe, expect, test } from "vitest";
import { characterEncoder } from "../../test/character-encoder.ts";
import { paperDialect } from "../judge/paper-dialect.ts";
import { generatorWriter } from "./generator-writer.ts";

const dialect = paperDialect(characterEncoder);

/** A generator that writes a fixed text, or fails as a whole. */
class FixedSampler implements Sampler {
  readonly calls: (readonly SampleRequest[])[] = [];
  readonly #answer: string | Error;

  constructor(answer: string | Error) {
    this.#answer = answer;
  }

  sample(prompt: SampleRequest["prompt"], options: SampleRequest["options"]) {
    return pendingResult(this.sampleMany([{ prompt, options }]).result.then(([result]) => result!));
  }

  sampleMany(requests: readonly SampleRequest[]) {
    this.calls.push(requests);
    const answer = this.#answer;
    if (answer instanceof Error) return pendingResult(Promise.reject<SampleResult[]>(answer));
    const tokens = dialect.generator.encodeCompletion(answer);
    const sequence = { tokens, logprobs: new Float32Array(tokens.length), stopReason: "stop" as const };
    return pendingResult(Promise.resolve(requests.map((): SampleResult => ({ sequences: [sequence] }))));
  }

  logprobs = () => pendingResult(Promise.reject(new Error("not used")));
  logprobsMany = () => pendingResult(Promise.reject(new Error("not used")));
  dispose = async () => undefined;
}

const taskOf = (text: string) => ({
  prompt: { id: text, messages: [{ role: "user" as const, content: text }] },
});
const writerOf = (generator: Sampler) => generatorWriter({ generator, dialect, name: "run" });

describe("a trained generator as a writer", () => {
  test("samples the calls of one turn as one batch and reads each reply", async () => {
    const sampler = new FixedSampler("1. The response is short. [Hard Rule]");
    const writer = writerOf(sampler);
    const writings = await Promise.all(["a", "b", "c"].map((text) => writer.write(taskOf(text))));
    expect(sampler.calls.map((batch) => batch.length)).toEqual([3]);
    expect(new Set(sampler.calls[0]!.map(({ options }) => options.seed)).size).toBe(3);
    expect(writings[0]).toMatchObject({
      status: "written",
      rubric: { criteria: [{ id: "c1", text: "The response is short.", kind: "hard-rule", weight: 1 }] },
      usage: { calls: 1, costUsd: 0 },
    });
  });

  test("what is no rubric is data", async () => {
    expect(await writerOf(new FixedSampler("hello")).write(taskOf("a"))).toMatchObject({
      status: "failed",
      kind: "parse",
      replies: ["hello"],
      faults: ["stray-text: line 1 is not a numbered item"],
    });
  });

  test("a server's failure is data, any other error is thrown", async () => {
    const lost = writerOf(new FixedSampler(new TinkerError("connection", "gone")));
    expect(await Promise.all([lost.write(taskOf("a")), lost.write(taskOf("b"))])).toMatchObject([
      { status: "failed", kind: "infrastructure", detail: "gone" },
      { status: "failed", kind: "infrastructure", detail: "gone" },
    ]);
    await expect(writerOf(new FixedSampler(new Error("broken"))).write(taskOf("a"))).rejects.toThrow(
      "broken",
    );
  });
});
