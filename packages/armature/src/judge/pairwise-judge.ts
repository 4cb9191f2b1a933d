import { type SampleRequest, type SampleResult, type Sampler, TinkerError } from "@armature/tinker";
import type { PreferencePair } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { Dialect } from "./dialect.ts";
import { greedyRubrics } from "./greedy-rubrics.ts";
import { majorityVerdict, type PairOutcome, type Vote } from "./outcome.ts";
import {
  checkPairQuestions,
  type PairOrders,
  type PairQuestion,
  pairPlace,
  pairQuestions,
} from "./pair-questions.ts";

/** What to judge, by whom and how often. */
export interface PairwiseJudging {
  readonly judge: Sampler;
  readonly dialect: Dialect;
  readonly pairs: readonly PreferencePair[];
  /** Rubric texts by prompt id. Prompts without one get a greedy rubric of the generator. */
  readonly rubrics?: ReadonlyMap<string, string>;
  readonly generator?: Sampler;
  /** One order for all, a coin per pair, or every pair in both. */
  readonly orders: PairOrders;
  /** Judgements per pair and order; their majority decides. */
  readonly votes: number;
  /** The paper: 1 for five votes. 0 is greedy and admits one vote. */
  readonly temperature: number;
  readonly seed: number;
  /** Tokens of prompt and judgement that the judge can hold; longer questions fail with kind `context`. Default: no limit. */
  readonly contextLength?: number;
  /** Called after each call of the sampler. */
  readonly onProgress?: (judged: number, total: number) => void;
}

/** Questions per call of the sampler: enough for full batches, few enough for progress and for one call's failure. */
const QUESTIONS_PER_CALL = 512;

/**
 * Judges pairs by rubrics (Rubric-ARM, inference): one greedy rubric a prompt, then `votes` judgements of every pair in the
 * orders asked for. One outcome per pair and order, pairs in the order given, `given` before `swapped`. A pair's samples
 * depend on the seed, its id and its order only, so neither the batch nor the other orders change them. What a model writes
 * is never an error; a server's failure becomes an outcome of kind `infrastructure`. Throws `ConfigError` for settings that
 * make no sense and for a prompt without rubric or generator.
 */
export async function judgePairs(judging: PairwiseJudging): Promise<readonly PairOutcome[]> {
  checkPairQuestions(judging);
  if (judging.contextLength !== undefined && !(judging.contextLength > 0))
    throw new ConfigError(`contextLength is ${judging.contextLength}; give the judge's context in tokens`);
  const rubrics = await rubricsFor(judging);
  const questions = pairQuestions(judging, rubrics, judging.dialect.readRubric).map((asked) =>
    question(judging, asked),
  );
  const outcomes: PairOutcome[] = [];
  for (let first = 0; first < questions.length; first += QUESTIONS_PER_CALL) {
    outcomes.push(...(await answer(judging, questions.slice(first, first + QUESTIONS_PER_CALL))));
    judging.onProgress?.(outcomes.length, questions.length);
  }
  return outcomes;
}

async function rubricsFor({
  rubrics,
  generator,
  dialect,
  pairs,
}: PairwiseJudging): Promise<ReadonlyMap<string, string>> {
  const missing = pairs.filter((pair) => !rubrics?.has(pair.prompt.id));
  if (missing.length === 0) return rubrics!;
  if (generator === undefined)
    throw new ConfigError(
      `prompt ${missing[0]!.prompt.id} has no rubric; give its rubric or a rubric generator`,
    );
  const written = await greedyRubrics(
    generator,
    dialect,
    missing.map((pair) => pair.prompt),
  );
  return new Map([...(rubrics ?? []), ...written]);
}

type Question = PairQuestion & { readonly request: SampleRequest };

function question({ dialect, temperature, votes }: PairwiseJudging, asked: PairQuestion): Question {
  const { pair, shown, rubric, seed } = asked;
  return {
    ...asked,
    request: {
      prompt: dialect.judgePrompt(pair.prompt, shown.responseA, shown.responseB, rubric),
      options: {
        maxTokens: dialect.judge.maxTokens,
        stop: dialect.judge.stop,
        temperature,
        numSamples: votes,
        seed,
      },
    },
  };
}

async function answer(
  judging: PairwiseJudging,
  questions: readonly Question[],
): Promise<readonly PairOutcome[]> {
  const limit = judging.contextLength ?? Number.POSITIVE_INFINITY;
  const lengthOf = ({ request }: Question) => request.prompt.length + request.options.maxTokens;
  const results = await sampleOrFail(
    judging.judge,
    questions.filter((asked) => lengthOf(asked) <= limit),
  );
  return questions.map((asked) => {
    const place = pairPlace(asked);
    const result = results.get(asked);
    if (result === undefined) {
      const detail = `prompt and judgement take ${lengthOf(asked)} tokens of ${limit}; shorten responses or raise the context`;
      return { ...place, votes: [], verdict: { status: "failed", kind: "context", detail } };
    }
    if (TinkerError.isInstance(result))
      return {
        ...place,
        votes: [],
        verdict: { status: "failed", kind: "infrastructure", detail: result.message },
      };
    const votes = result.sequences.map(({ tokens, stopReason }): Vote => {
      const text = judging.dialect.judge.decode(tokens);
      const judgement = judging.dialect.readJudgement(text, asked.rubric);
      return { text, cutOff: stopReason === "length", judgement };
    });
    return { ...place, votes, verdict: majorityVerdict(votes, asked.order) };
  });
}

/** A result per question; a failure of the server or the connection is the result of all of them. */
async function sampleOrFail(
  judge: Sampler,
  questions: readonly Question[],
): Promise<ReadonlyMap<Question, SampleResult | TinkerError>> {
  if (questions.length === 0) return new Map();
  try {
    const results = await judge.sampleMany(questions.map(({ request }) => request)).result;
    return new Map(questions.map((asked, i) => [asked, results[i]!]));
  } catch (error) {
    if (!TinkerError.isInstance(error) || !["server", "connection"].includes(error.kind)) throw error;
    return new Map(questions.map((asked) => [asked, error]));
  }
}
