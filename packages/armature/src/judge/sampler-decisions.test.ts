import { pendingResult, type Sampler, TinkerError, type TokenIds } from "@armature/tinker";
import { describe, expect, it } from "vitest";
import { characterEncoder } from "../../test/character-encoder.ts";
import { ModelCallError } from "../llm/model-call-error.ts";
import { samplerDecisions } from "./sampler-decisions.ts";

/** After the assistant's turn has begun, Y follows with ½, N with ¼; every later letter of a word with ½. */
function samplerOf(fault?: TinkerError): Sampler & { readonly asked: TokenIds[] } {
  const asked: TokenIds[] = [];
  const row = (tokens: TokenIds): Float32Array => {
    const text = characterEncoder.decode(tokens);
    const start = text.lastIndexOf("assistant\n") + "assistant\n".length;
    return Float32Array.from(tokens, (_, i) => {
      if (i === 0) return Number.NaN;
      const at = i - (tokens.length - (text.length - start));
      if (at < 0) return -7;
      return Math.log(at === 0 && text[start] === "N" ? 0.25 : 0.5);
    });
  };
  const logprobsMany = (sequences: readonly TokenIds[]) => {
    asked.push(...sequences);
    return pendingResult(fault ? Promise.reject(fault) : Promise.resolve(sequences.map(row)));
  };
  const refuse = () => {
    throw new Error("not asked here");
  };
  return {
    asked,
    logprobsMany,
    logprobs: refuse,
    sample: refuse,
    sampleMany: refuse,
    dispose: async () => undefined,
  };
}

const decisions = (sampler: Sampler, contextLength = 1000) =>
  samplerDecisions({ id: "m", sampler, encoder: characterEncoder, contextLength });
const decision = { question: "Is it?", options: ["yes", "no"] };

describe("samplerDecisions", () => {
  it("gives each option the product of its tokens' probabilities", async () => {
    const sampler = samplerOf();
    const { probabilities, usage } = await decisions(sampler).decide(decision);
    // Yes: ½ ½ ½. No: ¼ ½.
    expect(probabilities).toEqual([expect.closeTo(0.125, 6), expect.closeTo(0.125, 6)]);
    expect(characterEncoder.decode(sampler.asked[0]!)).toMatch(/Is it\?<\|mark\|><\|mark\|>assistant\nYes$/);
    expect(usage).toMatchObject({
      calls: 1,
      promptTokens: sampler.asked[0]!.length + sampler.asked[1]!.length,
    });
  });

  it("fails as context where the question does not fit, and as infrastructure where the server breaks", async () => {
    const kind = async (sampler: Sampler, length?: number) =>
      decisions(sampler, length)
        .decide(decision)
        .catch((error: unknown) => (ModelCallError.isInstance(error) ? error.kind : error));
    expect(await kind(samplerOf(), 10)).toBe("context");
    expect(await kind(samplerOf(new TinkerError("server", "broke")))).toBe("infrastructure");
  });
});
