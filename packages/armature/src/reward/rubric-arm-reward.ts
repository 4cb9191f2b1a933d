import { type Sampler, TinkerError } from "@armature/tinker";
import { contentId } from "../data/content-id.ts";
import type { PreferencePair, Prompt } from "../data/prompt.ts";
import { DataError } from "../errors.ts";
import type { Dialect } from "../judge/dialect.ts";
import { greedyRubrics } from "../judge/greedy-rubrics.ts";
import type { PairOutcome } from "../judge/outcome.ts";
import { judgePairs } from "../judge/pairwise-judge.ts";
import type { PolicyReward, Preference, ResponseReward } from "./policy-reward.ts";
import { type ReferenceComparison, referenceRelative } from "./reference-relative.ts";

/** Who judges a policy's responses, and by which rubrics. */
export interface RubricArmRewardSettings {
  readonly id: string;
  readonly judge: Sampler;
  readonly dialect: Dialect;
  /** Writes one greedy rubric a prompt, or a function that knows the rubric's text: a direct judge. */
  readonly rubrics: Sampler | ((prompt: Prompt) => string);
  /** Of the judge; 0 is greedy. The paper is silent. */
  readonly temperature: number;
  readonly seed: number;
  /** Tokens of prompt and judgement that the judge can hold. */
  readonly contextLength?: number;
}

/** Two texts for one prompt. */
interface Comparison {
  readonly prompt: Prompt;
  readonly response: string;
  readonly reference: string;
}

/** Who won in each order, by which kind of rubric. */
interface Compared {
  readonly responseFirst: ReferenceComparison;
  readonly referenceFirst: ReferenceComparison;
  /** Whether the prompt's rubric has the form of one; null where none could be had. */
  readonly rubricForm: boolean | null;
}

/**
 * Rubric-ARM's rewards for policies. Online (equation 16): each response against the policy's greedy one, by one greedy rubric
 * a prompt that is written once and kept in memory, in both orders: 0, ½ or 1, null where a verdict cannot be read. Offline
 * (section 4.3): a preference only where both orders agree, else `undecided`.
 *
 * Equal texts are not shown to the judge: whatever side it names wins one order and loses the other, so they earn ½ and tie.
 * A text that the dialect refuses to show (in the sandbox, words of the judge's own forms) loses to one that can be shown:
 * that is a fault of the text, not of the judge. Components: `winsFirst` and `winsSecond` (the response wins where it is
 * shown first, second), `consistent` (both orders name one winner), `rubricForm`, `equalsReference`.
 */
export function rubricArmReward(settings: RubricArmRewardSettings): PolicyReward {
  const comparer = new Comparer(settings);
  return {
    id: settings.id,
    needsGreedy: true,
    reward: async (groups, { signal } = {}) => {
      const comparisons = groups.map(({ prompt, responses, greedy }) => {
        if (greedy === undefined) throw new RangeError(`prompt ${prompt.id}: no greedy response is given`);
        return responses.map((response): Comparison => ({ prompt, response, reference: greedy }));
      });
      const compared = await comparer.compare(comparisons.flat(), signal);
      let next = 0;
      return comparisons.map((group) => group.map((asked) => rewardOf(asked, compared[next++]!)));
    },
    prefer: async (pairs, { signal } = {}) => {
      const comparisons = pairs.map(
        ({ prompt, first, second }): Comparison => ({ prompt, response: first, reference: second }),
      );
      const compared = await comparer.compare(comparisons, signal);
      return pairs.map(({ first, second }, i) => (first === second ? "tie" : consistentWinner(compared[i]!)));
    },
  };
}

function rewardOf({ response, reference }: Comparison, compared: Compared): ResponseReward {
  const { responseFirst, referenceFirst, rubricForm } = compared;
  const equal = response === reference;
  const won = (comparison: ReferenceComparison) =>
    comparison === null ? null : Number(comparison === "response");
  return {
    value: equal ? 0.5 : referenceRelative(responseFirst, referenceFirst),
    components: {
      winsFirst: won(responseFirst),
      winsSecond: won(referenceFirst),
      consistent:
        responseFirst === null || referenceFirst === null ? null : Number(responseFirst === referenceFirst),
      rubricForm: rubricForm === null ? null : Number(rubricForm),
      equalsReference: Number(equal),
    },
  };
}

function consistentWinner({ responseFirst, referenceFirst }: Compared): Preference {
  if (responseFirst === null || responseFirst !== referenceFirst) return "undecided";
  return responseFirst === "response" ? "first" : "second";
}

/** Asks the judge about whole lists at once: each distinct pair of texts once, in both orders. */
class Comparer {
  readonly #settings: RubricArmRewardSettings;
  readonly #rubrics = new Map<string, string>();

  constructor(settings: RubricArmRewardSettings) {
    this.#settings = settings;
  }

  /** One result per comparison, in order. */
  async compare(comparisons: readonly Comparison[], signal?: AbortSignal): Promise<readonly Compared[]> {
    signal?.throwIfAborted();
    await this.#writeRubrics(comparisons.map(({ prompt }) => prompt));
    const asked = new Map<string, PreferencePair>();
    for (const { prompt, response, reference } of comparisons) {
      const shown =
        response !== reference && [response, reference].every((text) => this.#canShow(prompt, text));
      if (!shown || !this.#rubrics.has(prompt.id)) continue;
      const id = comparisonId(prompt, response, reference);
      asked.set(id, { id, prompt, chosen: response, rejected: reference });
    }
    const outcomes = await this.#judge([...asked.values()], signal);
    return comparisons.map((comparison) => this.#result(comparison, outcomes));
  }

  #result(
    { prompt, response, reference }: Comparison,
    outcomes: ReadonlyMap<string, readonly PairOutcome[]>,
  ): Compared {
    const rubric = this.#rubrics.get(prompt.id);
    const rubricForm = rubric === undefined ? null : this.#settings.dialect.readRubric(rubric).ok;
    const answered = outcomes.get(comparisonId(prompt, response, reference));
    if (answered !== undefined) {
      const [responseFirst, referenceFirst] = answered.map(winnerOf);
      return { responseFirst: responseFirst!, referenceFirst: referenceFirst!, rubricForm };
    }
    const [responseShown, referenceShown] = [response, reference].map((text) => this.#canShow(prompt, text));
    const winner = responseShown === referenceShown ? null : responseShown ? "response" : "reference";
    return { responseFirst: winner, referenceFirst: winner, rubricForm };
  }

  async #judge(
    pairs: readonly PreferencePair[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlyMap<string, readonly PairOutcome[]>> {
    if (pairs.length === 0) return new Map();
    const { judge, dialect, temperature, seed, contextLength } = this.#settings;
    const outcomes = await judgePairs({
      ...{ judge, dialect, pairs, temperature, seed, rubrics: this.#rubrics, orders: "both", votes: 1 },
      ...(contextLength !== undefined && { contextLength }),
      onProgress: () => signal?.throwIfAborted(),
    });
    return new Map(pairs.map(({ id }, i) => [id, outcomes.slice(2 * i, 2 * i + 2)]));
  }

  /** Fills the cache. A server's failure leaves its prompts without a rubric; they are asked about again next time. */
  async #writeRubrics(prompts: readonly Prompt[]): Promise<void> {
    const { rubrics, dialect } = this.#settings;
    const missing = prompts.filter(({ id }) => !this.#rubrics.has(id));
    if (missing.length === 0) return;
    if (typeof rubrics === "function") {
      for (const prompt of missing) this.#rubrics.set(prompt.id, rubrics(prompt));
      return;
    }
    try {
      for (const [id, text] of await greedyRubrics(rubrics, dialect, missing)) this.#rubrics.set(id, text);
    } catch (error) {
      if (!TinkerError.isInstance(error) || !["server", "connection"].includes(error.kind)) throw error;
    }
  }

  #canShow(prompt: Prompt, text: string): boolean {
    try {
      this.#settings.dialect.judgePrompt(prompt, text, text, "");
      return true;
    } catch (error) {
      if (DataError.isInstance(error)) return false;
      throw error;
    }
  }
}

function winnerOf({ verdict }: PairOutcome): ReferenceComparison {
  if (verdict.status !== "scored") return null;
  return verdict.winner === "chosen" ? "response" : "reference";
}

function comparisonId(prompt: Prompt, response: string, reference: string): string {
  return contentId([prompt.id, response, reference]);
}
