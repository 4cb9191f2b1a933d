/**
 * The policy that the reward experiments start from, saved at `folder` unless it is there: the warm-up policy after a
 * supervised look at notes whose qualities are plausible for their recipient. The warm-up policy draws qualities without a
 * thought for the recipient, and learning to look at the recipient takes online RL far longer than choosing among opinions.
 */
export declare function opinionatedPolicy(folder: string): Promise<string>;
//# sourceMappingURL=opinionated-policy.d.ts.map
