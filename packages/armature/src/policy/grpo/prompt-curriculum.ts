import type { SeededStream } from "@armature/engine";
import type { Prompt } from "../../data/prompt.ts";

/** How a curriculum chooses. */
export interface CurriculumSettings {
  /** A response counts as a success where its reward is at least this. */
  readonly successAt: number;
  /** Prompts looked at for each one that is taken. */
  readonly pool: number;
  /** `expected` ranks by E[p(1 − p)], `thompson` by p(1 − p) of a p drawn from the posterior. */
  readonly choice: "expected" | "thompson";
  /** Earlier outcomes of a prompt are weighed by this at each new one, for the policy that had them is gone. */
  readonly decay: number;
}

/** Successes and failures of a prompt, weighed; without those of the prior, Beta(1, 1). */
type Outcomes = readonly [successes: number, failures: number];

/**
 * Prefers prompts that the policy solves about half of the time, for p(1 − p) is the variance of a success and with it the
 * size of a group's signal. The success rate of each prompt has a Beta posterior.
 */
export class PromptCurriculum {
  readonly #settings: CurriculumSettings;
  readonly #outcomes: Map<string, Outcomes>;

  constructor(settings: CurriculumSettings, outcomes: Readonly<Record<string, Outcomes>> = {}) {
    this.#settings = settings;
    this.#outcomes = new Map(Object.entries(outcomes));
  }

  /** The `count` candidates of most promise, in the order given; of equal ones the first. */
  choose(candidates: readonly Prompt[], count: number, stream: SeededStream): readonly Prompt[] {
    const ranked = candidates.map((prompt, place) => {
      const [successes, failures] = this.#outcomes.get(prompt.id) ?? [0, 0];
      const [alpha, beta] = [successes + 1, failures + 1];
      const drawn = this.#settings.choice === "thompson" ? betaSample(alpha, beta, stream) : undefined;
      return {
        prompt,
        place,
        promise: drawn === undefined ? expectedSpread(alpha, beta) : drawn * (1 - drawn),
      };
    });
    return ranked
      .sort((a, b) => b.promise - a.promise || a.place - b.place)
      .slice(0, count)
      .sort((a, b) => a.place - b.place)
      .map(({ prompt }) => prompt);
  }

  /** What a prompt's responses earned; rewards that are null tell nothing. */
  learn(promptId: string, rewards: readonly (number | null)[]): void {
    const { successAt, decay } = this.#settings;
    const known = rewards.filter((reward) => reward !== null);
    const successes = known.filter((reward) => reward >= successAt).length;
    const [before, failedBefore] = this.#outcomes.get(promptId) ?? [0, 0];
    this.#outcomes.set(promptId, [
      decay * before + successes,
      decay * failedBefore + known.length - successes,
    ]);
  }

  /** What the constructor takes to go on from here. */
  outcomes(): Readonly<Record<string, Outcomes>> {
    return Object.fromEntries(this.#outcomes);
  }
}

/** E[p(1 − p)] under Beta(α, β) = αβ / ((α + β)(α + β + 1)). */
export function expectedSpread(alpha: number, beta: number): number {
  return (alpha * beta) / ((alpha + beta) * (alpha + beta + 1));
}

/** A draw from Beta(α, β), both at least 1, as the share of one of two gamma variables. */
export function betaSample(alpha: number, beta: number, stream: SeededStream): number {
  const [one, other] = [gammaSample(alpha, stream), gammaSample(beta, stream)];
  return one / (one + other);
}

/** Gamma(shape, 1) for a shape of at least 1/3 (Marsaglia and Tsang, A simple method for generating gamma variables, 2000). */
function gammaSample(shape: number, stream: SeededStream): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = stream.normal();
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - stream.next()) < (x * x) / 2 + d * (1 - v + Math.log(v))) return d * v;
  }
}
