import { contentId } from "../data/content-id.ts";
import type { Prompt } from "../data/prompt.ts";
import { type PolicyReward, preferByValue, type ResponseReward } from "./policy-reward.ts";

/** A response that is rated by itself. */
export interface RatedResponse {
  readonly prompt: Prompt;
  readonly response: string;
}

/**
 * A reward that rates each response by itself, whatever stands beside it; of two responses the higher value wins. `rate` gets
 * each distinct response of a prompt once and gives one reward per response, in order.
 */
export function pointwiseReward(
  id: string,
  rate: (
    responses: readonly RatedResponse[],
    options?: { readonly signal?: AbortSignal },
  ) => Promise<readonly ResponseReward[]>,
): PolicyReward {
  const reward: PolicyReward["reward"] = async (groups, options) => {
    options?.signal?.throwIfAborted();
    const asked = groups.map(({ prompt, responses }) =>
      responses.map((response) => ({ key: contentId([prompt.id, response]), prompt, response })),
    );
    const distinct = [...new Map(asked.flat().map((item) => [item.key, item])).values()];
    const rated = distinct.length === 0 ? [] : await rate(distinct, options);
    const byKey = new Map(distinct.map(({ key }, i) => [key, rated[i]!]));
    return asked.map((group) => group.map(({ key }) => byKey.get(key)!));
  };
  return {
    id,
    needsGreedy: false,
    reward,
    prefer: (pairs, options) => preferByValue({ reward }, pairs, options),
  };
}
