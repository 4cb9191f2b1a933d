import type { Sampler, TrainingModel } from "@armature/tinker";
import type { Prompt } from "../../data/prompt.ts";
import type { PolicyReward } from "../../reward/policy-reward.ts";
import { type NoteTruth, noteTruth } from "../../sandbox/note-truth.ts";
import { type PairLogprobs, pairLogprobs } from "../../train/dpo.ts";
import type { GivenPair } from "../given-pairs.ts";
import { greedyResponses, type SampledPrompt, samplePolicy } from "../policy-rollouts.ts";
import type { Writer } from "../writer.ts";
import { type EvaluatedPair, evaluatedPair, orderedRight } from "./pair-evaluation.ts";
import { distinctShare, sharedRunShares, wordRunsOf } from "./response-diversity.ts";

/** Words in a run that is looked for in responses to other prompts. */
const SHARED_RUN = 4;

/** One response of an evaluated policy. */
export interface EvaluatedResponse {
  readonly text: string;
  readonly tokens: number;
  /** Σ log π − log π_base over the response's tokens: its mean over samples at temperature 1 estimates KL(π ‖ π_base). */
  readonly logRatio: number;
  /** Σ log π_base over the response's tokens. */
  readonly baseLogprob: number;
  /** Share of its runs of four words that a response to another prompt has, too; null for fewer words. */
  readonly sharedRuns: number | null;
  /** By the run's reward; relative rewards compare with the base policy's greedy response. Null where it failed. */
  readonly reward: number | null;
  readonly components: Readonly<Record<string, number | null>>;
  /** What the sandbox knows; absent elsewhere. */
  readonly truth?: NoteTruth & {
    /** Against the base policy's responses to the same prompt: 1 better, ½ equal, 0 worse; the mean over them. */
    readonly winRate: number;
  };
}

/** A policy measured on held-out prompts. */
export interface PolicyEvaluation {
  /** Flat numbers for `metrics.jsonl`; what was not measured is absent. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly prompts: readonly {
    readonly id: string;
    readonly prompt: string;
    readonly responses: readonly EvaluatedResponse[];
  }[];
  /** Held-out pairs that the recipe gives; absent where it gives none. */
  readonly pairs?: readonly EvaluatedPair[];
}

export interface PolicyEvaluatorSettings {
  readonly writer: Writer;
  /** The policy that the run starts from. */
  readonly base: Sampler;
  readonly prompts: readonly Prompt[];
  readonly pairs: readonly GivenPair[];
  /** Null rewards nothing. */
  readonly reward: PolicyReward | null;
  /** True where the sandbox's truth can be asked. */
  readonly sandbox: boolean;
  /** Responses a prompt. */
  readonly samples: number;
  readonly temperature: number;
  readonly seed: number;
}

/** Measures policies against the one that a run starts from, always on the same prompts with the same random numbers. */
export class PolicyEvaluator {
  readonly #settings: PolicyEvaluatorSettings;
  #baseline: Promise<{
    /** Null where no reward asks for them. */
    readonly greedy: readonly string[] | null;
    /** Empty where no truth compares with them. */
    readonly sampled: readonly SampledPrompt[];
    readonly pairs: readonly PairLogprobs[];
  }> | null = null;

  constructor(settings: PolicyEvaluatorSettings) {
    this.#settings = settings;
  }

  /** The policy with the weights that a model has now. */
  async evaluateNow(model: TrainingModel): Promise<PolicyEvaluation> {
    const sampler = await model.samplerNow().result;
    try {
      return await this.evaluate(sampler);
    } finally {
      await sampler.dispose();
    }
  }

  async evaluate(policy: Sampler): Promise<PolicyEvaluation> {
    const { base, prompts, reward, sandbox, pairs } = this.#settings;
    this.#baseline ??= this.#measureBase();
    const { greedy, sampled: baseline, pairs: basePairs } = await this.#baseline;
    const sampled = await this.#sample(policy, "evaluation");
    const rewards = await reward?.reward(
      sampled.map(({ prompt, responses }, i) => ({
        prompt,
        responses: responses.map(({ text }) => text),
        tokens: responses.map(({ tokens }) => tokens.length),
        ...(greedy && { greedy: greedy[i]! }),
      })),
    );
    const baseLogprobs = await base.logprobsMany(
      sampled.flatMap(({ promptTokens, responses }) =>
        responses.map(({ tokens }) => Int32Array.from([...promptTokens, ...tokens])),
      ),
      { from: sampled.flatMap(({ promptTokens, responses }) => responses.map(() => promptTokens.length)) },
    ).result;
    const texts = sampled.map(({ responses }) => responses.map(({ text }) => text));
    const shared = sharedRunShares(texts, SHARED_RUN);
    let next = 0;
    const evaluated = sampled.map(({ promptTokens, responses }, i) => ({
      id: prompts[i]!.id,
      prompt: prompts[i]!.messages.map(({ role, content }) => `${role}: ${content}`).join("\n"),
      responses: responses.map(({ text, tokens, logprobs }, j): EvaluatedResponse => {
        const ofBase = baseLogprobs[next++]!.subarray(promptTokens.length);
        const baseLogprob = ofBase.reduce((sum, logprob) => sum + logprob, 0);
        const { value, components } = rewards?.[i]?.[j] ?? { value: null, components: {} };
        const truth = sandbox ? noteTruth(prompts[i]!, text) : null;
        return {
          text,
          tokens: tokens.length,
          logRatio: logprobs.reduce((sum, logprob) => sum + logprob, 0) - baseLogprob,
          baseLogprob,
          sharedRuns: shared[i]![j]!,
          reward: value,
          components,
          ...(truth && { truth: { ...truth, winRate: winRate(truth, prompts[i]!, baseline[i]!) } }),
        };
      }),
    }));
    const nowPairs = policy === base ? basePairs : await pairLogprobs(policy, pairs);
    const evaluatedPairs = pairs.map((pair, i) => evaluatedPair(pair, nowPairs[i]!, basePairs[i]!));
    const responses = evaluated.map((prompt) => prompt.responses);
    return {
      metrics: metricsOf(responses, evaluatedPairs, reward !== null),
      prompts: evaluated,
      ...(pairs.length > 0 && { pairs: evaluatedPairs }),
    };
  }

  async #measureBase() {
    const { base, writer, prompts, pairs, reward, sandbox } = this.#settings;
    return {
      greedy: reward?.needsGreedy ? await greedyResponses(base, writer, prompts) : null,
      sampled: sandbox ? await this.#sample(base, "base evaluation") : [],
      pairs: await pairLogprobs(base, pairs),
    };
  }

  #sample(policy: Sampler, name: string): Promise<readonly SampledPrompt[]> {
    const { writer, prompts, samples, temperature, seed } = this.#settings;
    return samplePolicy(policy, writer, prompts, { count: samples, temperature, seed, names: [name] });
  }
}

/** A text that is no note loses to every note and equals another that is none. */
function winRate(truth: NoteTruth, prompt: Prompt, base: SampledPrompt): number {
  const rank = ({ reward }: NoteTruth) => reward ?? -1;
  const against = base.responses.map(({ text }) => rank(noteTruth(prompt, text)));
  return mean(against.map((other) => (Math.sign(rank(truth) - other) + 1) / 2));
}

function metricsOf(
  prompts: readonly (readonly EvaluatedResponse[])[],
  pairs: readonly EvaluatedPair[],
  rewarded: boolean,
): Record<string, number> {
  const all = prompts.flat();
  const known = (values: readonly (number | null | undefined)[]) =>
    values.filter((value) => value !== null && value !== undefined);
  const truths = all.flatMap(({ truth }) => truth ?? []);
  const names = [...new Set(all.flatMap(({ components }) => Object.keys(components)))];
  const measured: Record<string, number> = {
    reward: mean(known(all.map(({ reward }) => reward))),
    ...(rewarded && { nullRewards: mean(all.map(({ reward }) => Number(reward === null))) }),
    ...Object.fromEntries(
      names.map((name) => [`reward.${name}`, mean(known(all.map(({ components }) => components[name])))]),
    ),
    klToBase: mean(all.map(({ logRatio }) => logRatio)),
    tokens: mean(all.map(({ tokens }) => tokens)),
    distinctResponses: distinctShare(all.map(({ text }) => text)),
    distinctBigrams: distinctShare(all.flatMap(({ text }) => wordRunsOf(text, 2))),
    sharedRuns: mean(known(all.map(({ sharedRuns }) => sharedRuns))),
    baseSurprisal: -mean(all.map(({ baseLogprob }) => baseLogprob)) / mean(all.map(({ tokens }) => tokens)),
    trueReward: mean(known(truths.map(({ reward }) => reward))),
    validNotes: mean(truths.map(({ reward }) => Number(reward !== null))),
    trueWinRate: mean(truths.map((truth) => truth.winRate)),
    rulesKept: mean(known(truths.map(({ rulesKept }) => rulesKept))),
    pairAccuracy: mean(pairs.map(({ implicit }) => orderedRight(implicit))),
    pairAccuracyPerToken: mean(pairs.map(({ implicitPerToken }) => orderedRight(implicitPerToken))),
    likelierChosen: mean(pairs.map(({ likelihood }) => orderedRight(likelihood))),
  };
  return Object.fromEntries(Object.entries(measured).filter(([, value]) => Number.isFinite(value)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
