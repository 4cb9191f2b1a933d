/** What happens to responses that come near the longest length or are cut there. */
export interface OverlongSettings {
  /** Cut-off responses are left out of the loss; their rewards still count in their group (DAPO, overlong filtering). */
  readonly mask: boolean;
  /** Tokens before the longest length over which the penalty grows; 0 is off. */
  readonly buffer: number;
  /** Penalty at the longest length. */
  readonly penalty: number;
}

/** The soft overlong penalty, 0 or less (DAPO, arXiv 2503.14476, equation 13, times `penalty`). */
export function overlongPenalty(
  tokens: number,
  maxTokens: number,
  { buffer, penalty }: OverlongSettings,
): number {
  if (buffer === 0) return 0;
  return -penalty * Math.min(1, Math.max(0, (tokens - (maxTokens - buffer)) / buffer));
}
