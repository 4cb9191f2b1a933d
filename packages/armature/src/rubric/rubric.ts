/**
 * What a criterion is about: a `hard-rule` comes from an explicit requirement of the prompt, a `principle` is a
 * domain-agnostic quality (Rubric-ARM, appendix E).
 */
export type CriterionKind = "hard-rule" | "principle";

/** How much a criterion matters, in words (Rubrics as Rewards, section 4). */
export type ImportanceCategory = "essential" | "important" | "optional" | "pitfall";

/** One of several ordered answers to a criterion. */
export interface CriterionChoice {
  readonly label: string;
  /** What the answer means, where the source says it. */
  readonly description?: string;
  /** Degree to which the criterion holds, 0 to 1; the source's own value, or the place in the order. */
  readonly value: number;
}

/** A check of a criterion by program, as its source names it (RubricHub). */
export interface CriterionVerifier {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * One statement about a response that a judge can find true or false, or to a degree. It holds every family of rubrics
 * without loss: what a source says and this type has no place for stands in `extra` under the source's own name.
 */
export interface Criterion {
  /** Unique in its rubric; `c1`, `c2` … where the source has none. */
  readonly id: string;
  /** What is judged, as its source words it. */
  readonly text: string;
  /** As the source states it, sign included; 1 where it states none. Finite. */
  readonly weight: number;
  /**
   * What it means that the statement is literally true: `good` speaks for the response, `bad` against it. A sign of the
   * weight does not tell: "Avoids X" with weight −1 is good when true (Rubrics as Rewards, pitfalls of the science set),
   * "Does not mention X" with the same weight is bad (its medicine set), and negative points of HealthBench are bad.
   */
  readonly polarity: "good" | "bad";
  readonly title?: string;
  readonly kind?: CriterionKind;
  readonly category?: ImportanceCategory;
  /** True where a response that misses it fails as a whole. */
  readonly gate?: boolean;
  /** Ordered from worst to best, at least two; absent for yes or no. */
  readonly choices?: readonly CriterionChoice[];
  readonly tags?: readonly string[];
  readonly verifier?: CriterionVerifier;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** What a good answer is: at least one criterion, in order, with ids that differ. */
export interface Rubric {
  readonly criteria: readonly Criterion[];
  readonly title?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
}
