/** PCRM's prior: how far apart two responses may be scored, by how alike they are. */
export interface PriorConstraint {
  readonly similarity: "length-ratio" | "cosine";
  /** β₁, β₂ and β₃ of δ = β₁ / (similarity + β₂) + β₃. */
  readonly scale: number;
  readonly offset: number;
  readonly shift: number;
}

/**
 * Largest difference of scores that a pair is to have, from the token ids of its two sequences (prompt and response).
 * Prior Constraints-based Reward Model (Zhou et al., arXiv 2404.00978) as in the authors' code: the more alike, the closer.
 *
 * - `length-ratio`: shorter over longer length in tokens, counted from the first token in which the sequences differ, in [0, 1].
 * - `cosine`: 1 − arccos(c)/π in [0.5, 1] for the cosine c ≥ 0 of two embeddings. The authors embed the whole sequence by a
 *   frozen RoBERTa's first token. Here an embedding is the vector of token counts from that first difference on, so that
 *   a shared prompt does not make all pairs alike and no second model is needed.
 */
export function priorBound(
  { similarity, scale, offset, shift }: PriorConstraint,
  chosen: ArrayLike<number>,
  rejected: ArrayLike<number>,
): number {
  const start = firstDifference(chosen, rejected);
  const [one, other] = [Array.from(chosen).slice(start), Array.from(rejected).slice(start)];
  const alike = similarity === "length-ratio" ? lengthRatio(one, other) : angularSimilarity(one, other);
  return scale / (alike + offset) + shift;
}

function firstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

function lengthRatio({ length: a }: readonly number[], { length: b }: readonly number[]): number {
  return a === b ? 1 : Math.min(a, b) / Math.max(a, b);
}

function angularSimilarity(a: readonly number[], b: readonly number[]): number {
  const [left, right] = [counts(a), counts(b)];
  let product = 0;
  for (const [token, count] of left) product += count * (right.get(token) ?? 0);
  const norms = Math.sqrt(squares(left) * squares(right));
  // Rounding may take the cosine of equal vectors above 1.
  const cosine = norms === 0 ? Number(a.length === b.length) : Math.min(1, product / norms);
  return 1 - Math.acos(cosine) / Math.PI;
}

function counts(tokens: readonly number[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const token of tokens) found.set(token, (found.get(token) ?? 0) + 1);
  return found;
}

function squares(vector: ReadonlyMap<number, number>): number {
  return [...vector.values()].reduce((sum, count) => sum + count * count, 0);
}
