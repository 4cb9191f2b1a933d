/** One of GRPO's optional tools against the variance of its gradient, or what it is to be compared with. */
export interface VarianceTool {
  readonly name: string;
  /** What it changes in the recipe of arm-policy. */
  readonly settings: readonly string[];
}

/** The recipe as it is; the others are compared with it. */
export const PLAIN = "plain";

export const VARIANCE_TOOLS: readonly VarianceTool[] = [
  { name: PLAIN, settings: [] },
  { name: "baseline by length", settings: ["baseline=length"] },
  { name: "baseline by score", settings: ["baseline=score"] },
  // A success is a consistent win against the greedy note.
  { name: "curriculum", settings: ["curriculum={successAt: 1, pool: 3, choice: expected, decay: 0.5}"] },
  { name: "refills", settings: ["refills=2"] },
  { name: "groups of 12, 6 trained", settings: ["groupSize=12", "trainedRollouts=6"] },
  { name: "groups of 12", settings: ["groupSize=12"] },
  // Not a tool: as many rollouts as with groups of 12, of more prompts.
  { name: "64 prompts", settings: ["promptsPerBatch=64"] },
];
