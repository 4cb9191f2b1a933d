import { mean } from "../../evaluation/moments.ts";
import type { MetricsRecord } from "../../run/run-directory.ts";
import type { PolicyResponse } from "../policy-rollouts.ts";
import { type GrpoBatch, isVaried } from "./grpo-batch.ts";

/** What a batch was like, over all of its responses, trained on or not; `updates` is the number of updates before its own. */
export function batchMetrics(batch: GrpoBatch, updates: number): MetricsRecord {
  const responses = batch.prompts.flatMap((prompt) => prompt.responses);
  const rewards = batch.prompts.flatMap((prompt) => prompt.rewards);
  const known = (values: readonly (number | null | undefined)[]) =>
    values.filter((value) => value !== null && value !== undefined);
  const names = [...new Set(rewards.flatMap(({ components }) => Object.keys(components)))];
  return {
    rewardMean: mean(known(rewards.map(({ value }) => value))),
    nullRewards: mean(rewards.map(({ value }) => Number(value === null))),
    ...Object.fromEntries(
      names.map((name) => [`reward.${name}`, mean(known(rewards.map(({ components }) => components[name])))]),
    ),
    /** Nats a token; an estimate of the entropy where the sampling temperature is 1. */
    entropy: meanSurprisal(responses),
    completionLength: mean(responses.map(({ tokens }) => tokens.length)),
    cutOffShare: mean(responses.map(({ cutOff }) => Number(cutOff))),
    constantGroups: mean(batch.prompts.map((prompt) => Number(!isVaried(prompt)))),
    refilledPrompts: batch.refilledPrompts,
    staleness: updates - batch.sampledAt,
  };
}

function meanSurprisal(responses: readonly PolicyResponse[]): number | null {
  let [sum, tokens] = [0, 0];
  for (const { logprobs } of responses) {
    for (const logprob of logprobs) sum -= logprob;
    tokens += logprobs.length;
  }
  return tokens === 0 ? null : sum / tokens;
}
