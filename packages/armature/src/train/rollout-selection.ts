/**
 * Which `count` rewards of a group have the largest variance among all such choices: the `i` highest and the `count − i`
 * lowest for the best i (max-variance down-sampling, PODS, arXiv 2504.13818, theorem 1). Indices in ascending order; a reward
 * that is null is chosen only where too few others are there.
 */
export function mostVaried(rewards: readonly (number | null)[], count: number): readonly number[] {
  const known = rewards.flatMap((reward, index) => (reward === null ? [] : [{ reward, index }]));
  const missing = rewards.flatMap((reward, index) => (reward === null ? [index] : []));
  const sorted = known.sort((a, b) => a.reward - b.reward || a.index - b.index);
  const size = Math.min(count, sorted.length);
  let best = { variance: -1, indices: [] as readonly number[] };
  for (let low = 0; low <= size; low++) {
    const chosen = [...sorted.slice(0, low), ...sorted.slice(sorted.length - (size - low))];
    const mean = chosen.reduce((sum, { reward }) => sum + reward, 0) / size;
    const variance = chosen.reduce((sum, { reward }) => sum + (reward - mean) ** 2, 0) / size;
    if (variance > best.variance) best = { variance, indices: chosen.map(({ index }) => index) };
  }
  return [...best.indices, ...missing.slice(0, count - size)].sort((a, b) => a - b);
}
