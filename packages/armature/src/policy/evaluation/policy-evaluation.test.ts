import { pendingResult, type SampleRequest, type Sampler } from "@armature/tinker";
import { describe, expect, it } from "vitest";
import type { Prompt } from "../../data/prompt.ts";
import { textPrompt } from "../../data/read-prompts.ts";
import type { PolicyReward } from "../../reward/policy-reward.ts";
import { sandboxWriter } from "../writer.ts";
import { PolicyEvaluator } from "./policy-evaluation.ts";

/** Speaks what it is told for each prompt, sample by sample; every token has one logprob. */
class TellingSampler implements Sampler {
  readonly #texts: (prompt: string) => readonly string[];
  readonly #logprob: number;

  constructor(texts: (prompt: string) => readonly string[], logprob: number) {
    this.#texts = texts;
    this.#logprob = logprob;
  }

  sample = () => pendingResult(Promise.reject(new Error("not asked")));
  logprobs = () => pendingResult(Promise.reject(new Error("not asked")));
  dispose = async () => undefined;

  sampleMany(requests: readonly SampleRequest[]) {
    return pendingResult(
      Promise.resolve(
        requests.map(({ prompt, options }) => {
          const texts = this.#texts(writer.speaker.decode(prompt));
          return {
            sequences: Array.from({ length: options.numSamples ?? 1 }, (_, i) => {
              const tokens = writer.speaker.encodeCompletion(texts[i % texts.length]!);
              const logprobs = new Float32Array(tokens.length).fill(this.#logprob);
              return { tokens, logprobs, stopReason: "stop" as const };
            }),
          };
        }),
      ),
    );
  }

  logprobsMany(sequences: readonly Int32Array[]) {
    return pendingResult(
      Promise.resolve(sequences.map(({ length }) => new Float32Array(length).fill(this.#logprob))),
    );
  }
}

const writer = sandboxWriter(40);
const BOSS = textPrompt("write to the boss about the late train . give a time .");
const COACH = textPrompt("write to the coach about the late train . name a place . give a time .");

/** Rewards the length in tokens, against whatever greedy response it is given. */
const againstGreedy: PolicyReward = {
  id: "longer",
  needsGreedy: true,
  reward: async (groups) =>
    groups.map(({ responses, tokens, greedy }) =>
      responses.map((_, i) => ({
        value: i === 1 ? null : tokens[i]!,
        components: { greedy: greedy!.length },
      })),
    ),
  prefer: async () => [],
};

const evaluate = async (
  policy: Sampler,
  base: Sampler,
  prompts: readonly Prompt[],
  reward = againstGreedy,
) => {
  const settings = { writer, base, prompts, reward, pairs: [], sandbox: true };
  return new PolicyEvaluator({ ...settings, samples: 2, temperature: 1, seed: 0 }).evaluate(policy);
};

describe("an evaluation", () => {
  // True rewards: 3 for a kept rule, 1 for formal and 0.6 for honest, which the boss values.
  const TIMED = "the train is late . at nine .";
  const BARE = "the train is late .";
  const BEST = "the train is late . at nine . hereby stated . to be frank .";
  const NO_NOTE = "at nine .";

  it("measures truth, length and distance from the base policy", async () => {
    const policy = new TellingSampler(
      (prompt) => (prompt.includes("boss") ? [BEST, NO_NOTE] : [TIMED]),
      -0.5,
    );
    const base = new TellingSampler(() => [TIMED, BARE], -2);
    const { metrics, prompts } = await evaluate(policy, base, [BOSS, COACH]);
    const truths = prompts.map(({ responses }) => responses.map(({ truth }) => truth));
    // For the boss 4.6 beats 3 and 0, and no note loses to both; for the coach 3 equals 3 and beats 0.
    expect(truths.map((of) => of.map((truth) => truth!.winRate))).toEqual([
      [1, 0],
      [0.75, 0.75],
    ]);
    expect(truths.map((of) => of.map((truth) => truth!.reward))).toEqual([
      [4.6, null],
      [3, 3],
    ]);
    expect(truths.map((of) => of.map((truth) => truth!.rulesKept))).toEqual([
      [1, 0],
      [0.5, 0.5],
    ]);
    expect(metrics).toMatchObject({
      trueWinRate: 0.625,
      trueReward: (4.6 + 3 + 3) / 3,
      validNotes: 0.75,
      rulesKept: 0.5,
      distinctResponses: 0.75,
    });
    // Tokens with the end token: BEST 16, NO_NOTE 4, TIMED 9. Each is 1.5 nats likelier than under the base policy.
    const tokens = prompts.flatMap(({ responses }) => responses.map((response) => response.tokens));
    expect(tokens).toEqual([16, 4, 9, 9]);
    expect(metrics["tokens"]).toBe(38 / 4);
    expect(metrics["klToBase"]).toBeCloseTo((1.5 * 38) / 4, 5);
  });

  it("compares with the base policy's greedy response, and leaves failed rewards out of the mean", async () => {
    const policy = new TellingSampler(() => [TIMED], -1);
    const base = new TellingSampler(() => [BARE], -1);
    const { metrics } = await evaluate(policy, base, [BOSS]);
    expect(metrics).toMatchObject({ reward: 9, nullRewards: 0.5, "reward.greedy": BARE.length, klToBase: 0 });
  });
});
