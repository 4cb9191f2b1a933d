import { noteTruth } from "../sandbox/note-truth.ts";
import { type PolicyReward, preferByValue } from "./policy-reward.ts";

/**
 * The sandbox's hidden reward as a reward: the upper bound that no learnt one can pass. A text that is no note earns
 * `invalid`, below every note.
 */
export function sandboxTruthReward(invalid = -1): PolicyReward {
  const reward: PolicyReward["reward"] = async (groups) =>
    groups.map(({ prompt, responses }) =>
      responses.map((text) => {
        const { reward: value, rulesKept } = noteTruth(prompt, text);
        return { value: value ?? invalid, components: { rulesKept } };
      }),
    );
  return {
    id: "sandbox-truth",
    needsGreedy: false,
    reward,
    prefer: (pairs) => preferByValue({ reward }, pairs),
  };
}
