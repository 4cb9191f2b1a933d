import { ConfigError } from "../errors.ts";
import {
  addUsage,
  type CallOptions,
  type LanguageModel,
  NO_USAGE,
  type Usage,
} from "../llm/language-model.ts";
import { mapConcurrently } from "../llm/map-concurrently.ts";
import { ModelCallError } from "../llm/model-call-error.ts";
import { withoutThinking } from "../llm/without-thinking.ts";
import { countArmItems, readArmText } from "../rubric/arm-text.ts";
import { majorityVerdict, type PairOutcome, type PairVerdict, type Vote } from "./outcome.ts";
import {
  checkPairQuestions,
  type PairQuestion,
  type PairQuestions,
  pairPlace,
  pairQuestions,
} from "./pair-questions.ts";
import { PAPER_LIMITS, paperMessages } from "./paper-dialect.ts";
import { readPaperTranscript } from "./paper-format.ts";
import { isRefusal } from "./refusal.ts";
import type { Order } from "./shown-pair.ts";

/** What to judge, by which language model and how often. */
export interface PairwiseLanguageJudging extends PairQuestions {
  readonly model: LanguageModel;
  /** Rubric texts by prompt id, `N. The response … [Hard Rule|Principle]` a line. */
  readonly rubrics: ReadonlyMap<string, string>;
  /** Longest judgement in tokens; default the paper's 1,024. */
  readonly maxTokens?: number;
  /** Further tries for votes that name no winner; default 2. */
  readonly furtherTries?: number;
  /** Most questions under way; default 64. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  /** Called as each outcome comes, in order of completion. */
  readonly onOutcome?: (outcome: LanguagePairOutcome) => void;
}

/** A pair as judged in one order, and what it took. */
export interface LanguagePairOutcome extends PairOutcome {
  readonly usage: Usage;
}

/**
 * Judges pairs by rubrics as `judgePairs` does (Rubric-ARM, inference; prompt and reader are the same), with any language
 * model: `votes` judgements of every pair in the orders asked for, one outcome per pair and order, in the order given. A vote
 * that names no winner is asked for again, alone. What a model writes and a call that fails are outcomes, never errors;
 * rejects only where it was aborted. Throws `ConfigError` for settings that make no sense and for a prompt without rubric.
 */
export async function judgePairsByLanguageModel(
  judging: PairwiseLanguageJudging,
): Promise<readonly LanguagePairOutcome[]> {
  checkPairQuestions(judging);
  const { concurrency = 64, furtherTries = 2, signal, onOutcome } = judging;
  if (!Number.isInteger(furtherTries) || furtherTries < 0)
    throw new ConfigError(`furtherTries is ${furtherTries}; give a whole number of at least 0`);
  const messages = paperMessages();
  return mapConcurrently(
    pairQuestions(judging, judging.rubrics, readArmText),
    (asked, _, own) => answer(judging, messages, asked, { purpose: "judge", signal: own }),
    {
      concurrency,
      ...(signal !== undefined && { signal }),
      ...(onOutcome !== undefined && { onResult: (outcome: LanguagePairOutcome) => onOutcome(outcome) }),
    },
  );
}

async function answer(
  judging: PairwiseLanguageJudging,
  messages: ReturnType<typeof paperMessages>,
  asked: PairQuestion,
  options: CallOptions,
): Promise<LanguagePairOutcome> {
  const { model, votes, temperature, maxTokens = PAPER_LIMITS.judgementTokens, furtherTries = 2 } = judging;
  const { pair, shown, rubric, seed, order } = asked;
  const place = pairPlace(asked);
  const criteria = countArmItems(rubric);
  let [readable, unreadable]: [Vote[], Vote[]] = [[], []];
  let usage = NO_USAGE;
  for (let attempt = 0; attempt <= furtherTries && readable.length < votes; attempt++) {
    try {
      const completion = await model.complete(
        {
          messages: messages.judge(pair.prompt, shown.responseA, shown.responseB, rubric),
          maxTokens,
          temperature: attempt === 0 ? temperature : Math.max(1, temperature),
          n: votes - readable.length,
          seed: (seed + attempt) % 2 ** 32,
        },
        options,
      );
      usage = addUsage(usage, completion.usage);
      const found = completion.choices.map(({ text, finishReason }) => ({
        text,
        cutOff: finishReason === "length",
        judgement: readPaperTranscript(withoutThinking(text), criteria),
      }));
      readable = [...readable, ...found.filter(({ judgement }) => judgement.winner !== null)];
      unreadable = found.filter(({ judgement }) => judgement.winner === null);
    } catch (error) {
      if (options.signal?.aborted || !ModelCallError.isInstance(error)) throw error;
      // Votes that were read before a later call failed still decide.
      if (readable.length > 0) break;
      const verdict = { status: "failed", kind: error.kind, detail: error.message } as const;
      return { ...place, votes: unreadable, verdict, usage };
    }
  }
  const all = [...readable, ...unreadable].slice(0, votes);
  return { ...place, votes: all, verdict: verdictOf(all, order), usage };
}

/** The majority; unreadable votes that are refusals make the failure one. */
function verdictOf(votes: readonly Vote[], order: Order): PairVerdict {
  const verdict = majorityVerdict(votes, order);
  const refused = votes.find(({ text }) => isRefusal(withoutThinking(text)));
  if (verdict.status !== "failed" || refused === undefined) return verdict;
  return {
    status: "failed",
    kind: "refusal",
    detail: `the judge declined: ${JSON.stringify(refused.text.trim().slice(0, 80))}`,
  };
}
