/** Who won one comparison of a response with the reference; null where nothing was decided. */
export type ReferenceComparison = "response" | "reference" | null;

/**
 * Rubric-ARM's reward of a response against the policy's own greedy answer (equation 16): half a point for each order of the
 * two in which the response wins, by one rubric; 0, ½ or 1. The paper is silent on unreadable verdicts: null where either
 * comparison is undecided.
 */
export function referenceRelative(
  responseFirst: ReferenceComparison,
  referenceFirst: ReferenceComparison,
): number | null {
  if (responseFirst === null || referenceFirst === null) return null;
  const won = (comparison: ReferenceComparison) => (comparison === "response" ? 1 : 0);
  return (won(responseFirst) + won(referenceFirst)) / 2;
}
