import { SeededStream } from "@armature/engine";

/**
 * Rubric-ARM's two players at one prompt with one pair, small enough to enumerate: the generator draws a rubric, the judge an
 * outcome given the rubric, and the first outcome is the correct one. Both are log-linear: the probability of an item is
 * ∝ exp(parameters · features), so that score functions are exact.
 */
export interface VarianceToy {
  /** [rubric, generator parameter] */
  readonly rubricFeatures: readonly Vector[];
  /** [rubric, outcome, judge parameter] */
  readonly outcomeFeatures: readonly (readonly Vector[])[];
  readonly generator: Vector;
  readonly judge: Vector;
}

/** A point of a parameter block. */
export type Vector = readonly number[];

/** What the theory needs of a toy, one entry per rubric. */
export interface ToyScores {
  /** π_r(r) */
  readonly rubricProbability: Vector;
  /** [rubric, outcome] π_j(o | r) */
  readonly outcomeProbability: readonly Vector[];
  /** u_r(r) = ∂ log π_r(r) / ∂θ_r */
  readonly rubricScore: readonly Vector[];
  /** [rubric, outcome] u_j(o | r) = ∂ log π_j(o | r) / ∂θ_j */
  readonly outcomeScore: readonly (readonly Vector[])[];
}

/** Toy `index` of a seed: 2 to 6 rubrics, 2 to 4 outcomes, 1 to 6 parameters a player, normal features of differing size. */
export function randomToy(seed: number, index: number): VarianceToy {
  const stream = new SeededStream(seed, "variance toy", index);
  const rubrics = 2 + stream.below(5);
  const outcomes = 2 + stream.below(3);
  const [generatorSize, judgeSize] = [1 + stream.below(6), 1 + stream.below(6)];
  const vector = (size: number, scale: number): Vector =>
    Array.from({ length: size }, () => scale * stream.normal());
  // The theorem's assumption compares the lengths of the two scores, so these vary over two orders of magnitude.
  const [generatorScale, judgeScale] = [10 ** (stream.next() - 0.5), 10 ** (stream.next() - 0.5)];
  return {
    rubricFeatures: Array.from({ length: rubrics }, () => vector(generatorSize, generatorScale)),
    outcomeFeatures: Array.from({ length: rubrics }, () =>
      Array.from({ length: outcomes }, () => vector(judgeSize, judgeScale)),
    ),
    generator: vector(generatorSize, 1 / generatorScale),
    judge: vector(judgeSize, 1 / judgeScale),
  };
}

/** Probabilities and score functions at the toy's parameters, or at others. */
export function toyScores(toy: VarianceToy, generator = toy.generator, judge = toy.judge): ToyScores {
  const rubricProbability = softmax(toy.rubricFeatures, generator);
  const outcomeProbability = toy.outcomeFeatures.map((features) => softmax(features, judge));
  return {
    rubricProbability,
    outcomeProbability,
    rubricScore: centred(toy.rubricFeatures, rubricProbability),
    outcomeScore: toy.outcomeFeatures.map((features, r) => centred(features, outcomeProbability[r]!)),
  };
}

/** J = E_r[p(r)], the chance of a correct outcome, at given parameters. */
export function toyObjective(toy: VarianceToy, generator: Vector, judge: Vector): number {
  const rubrics = softmax(toy.rubricFeatures, generator);
  return rubrics.reduce(
    (sum, probability, r) => sum + probability * softmax(toy.outcomeFeatures[r]!, judge)[0]!,
    0,
  );
}

export const squaredNorm = (vector: Vector): number => vector.reduce((sum, value) => sum + value ** 2, 0);

/** Σ weights[i] · vectors[i]; there is at least one vector. */
export function weightedSum(weights: Vector, vectors: readonly Vector[]): Vector {
  return vectors[0]!.map((_, k) => vectors.reduce((sum, vector, i) => sum + weights[i]! * vector[k]!, 0));
}

function softmax(features: readonly Vector[], parameters: Vector): Vector {
  const logits = features.map((feature) =>
    feature.reduce((sum, value, k) => sum + value * parameters[k]!, 0),
  );
  const highest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - highest));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** Features less their mean: the gradient of each item's log probability. */
function centred(features: readonly Vector[], probabilities: Vector): readonly Vector[] {
  const mean = weightedSum(probabilities, features);
  return features.map((feature) => feature.map((value, k) => value - mean[k]!));
}
