import { contentId } from "../data/content-id.ts";
import { ConfigError } from "../errors.ts";
import { addUsage, type CallOptions, type LanguageModel, NO_USAGE } from "../llm/language-model.ts";
import { type Answers, askUntilRead } from "./ask-until-read.ts";
import type { AskedCriterion, CriterionProtocol } from "./criterion-protocol.ts";
import type { CriterionVerdict } from "./criterion-verdict.ts";
import { loadPromptTemplate } from "./fill-template.ts";
import { askedAgain } from "./judge-wording.ts";
import { plainProtocol } from "./plain-protocol.ts";
import type { JudgeTask, RubricJudge, RubricJudgement } from "./rubric-judge.ts";
import { siblingCalls } from "./sibling-calls.ts";

/** How a language model is asked. */
export interface AskingSettings {
  /** Of the first try; default 0. Further tries are sampled at 1, for at 0 the same words would come again. */
  readonly temperature?: number;
  /** Longest reply in tokens; the default grows with the number of criteria. Thinking models need more. */
  readonly maxTokens?: number;
  /** Further tries for what could not be read. */
  readonly furtherTries?: number;
  /** Tells repeated judgements by one model apart where the temperature is above 0. */
  readonly seed?: number;
}

/** A judge of criteria: who, in which protocol, and how it is asked. */
export interface CriterionJudgeSettings extends AskingSettings {
  readonly model: LanguageModel;
  /** Default: our own wording, one criterion a call. */
  readonly protocol?: CriterionProtocol;
}

const FURTHER_TRIES = 2;
/** Room for the frame of a reply and for each criterion's reason. */
const FRAME_TOKENS = 256;
const CRITERION_TOKENS = 192;

/**
 * A judge that gives every criterion a verdict, in calls of as many criteria as the protocol puts together. The calls of one
 * judgement run side by side; what a reply lacks is asked again, alone, at most `furtherTries` times, and fails as `parse`
 * after that. A failed call fails its own criteria only. Throws `ConfigError` for settings that make no sense.
 */
export function criterionJudge(settings: CriterionJudgeSettings): RubricJudge {
  const { model, protocol = plainProtocol(), temperature = 0, seed, maxTokens } = settings;
  const furtherTries = settings.furtherTries ?? protocol.furtherTries ?? FURTHER_TRIES;
  checkAsking({ temperature, furtherTries, ...(maxTokens !== undefined && { maxTokens }) });
  if (!(protocol.criteriaPerCall >= 1))
    throw new ConfigError(`criteriaPerCall is ${protocol.criteriaPerCall}; give at least 1`);
  const note = loadPromptTemplate("ask-again");
  const identity = [protocol.wording, protocol.criteriaPerCall, temperature, furtherTries, maxTokens, seed];

  async function askBatch(task: JudgeTask, batch: readonly AskedCriterion[], options: CallOptions) {
    const among = (keys: readonly string[]) => batch.filter(({ key }) => keys.includes(key));
    return askUntilRead<CriterionVerdict>(
      model,
      {
        keys: batch.map(({ key }) => key),
        tries: 1 + furtherTries,
        request: (open, attempt) => {
          const messages = protocol.messages(task, among(open));
          const responseSchema = protocol.responseSchema?.(among(open));
          return {
            messages: attempt === 0 ? messages : askedAgain(messages, note),
            maxTokens: maxTokens ?? FRAME_TOKENS + CRITERION_TOKENS * open.length,
            temperature: attempt === 0 ? temperature : Math.max(1, temperature),
            ...seedOf(seed, attempt),
            ...(protocol.topLogprobs !== undefined && { topLogprobs: protocol.topLogprobs }),
            ...(responseSchema !== undefined && { responseSchema }),
          };
        },
        read: (choice, open, request) => {
          const question = request.messages.map(({ content }) => content).join("\n");
          const verdicts = new Map(protocol.read(choice, among(open), question));
          if (protocol.ifMissing !== undefined && verdicts.size > 0)
            for (const key of open) if (!verdicts.has(key)) verdicts.set(key, protocol.ifMissing);
          return verdicts;
        },
      },
      options,
    );
  }

  return {
    id: `${protocol.name}:${contentId(identity)}:${model.id}`,
    async judge(task, options = {}) {
      const asked = task.rubric.criteria.map((criterion, i) => ({ key: `c${i + 1}`, criterion }));
      const size = Math.min(protocol.criteriaPerCall, Math.max(1, asked.length));
      const batches = Array.from({ length: Math.ceil(asked.length / size) }, (_, i) =>
        asked.slice(i * size, (i + 1) * size),
      );
      const answers = await siblingCalls(
        batches,
        (batch, signal) => askBatch(task, batch, { purpose: "judge", ...options, signal }),
        options.signal,
      );
      return judgementOf(answers, batches);
    },
  };
}

/** @throws ConfigError naming the setting that makes no sense. */
export function checkAsking({ temperature = 0, maxTokens, furtherTries = 0 }: AskingSettings): void {
  if (!(temperature >= 0)) throw new ConfigError(`judge temperature is ${temperature}; give 0 or more`);
  if (maxTokens !== undefined && !(maxTokens >= 1))
    throw new ConfigError(`maxTokens is ${maxTokens}; give at least 1`);
  if (!Number.isInteger(furtherTries) || furtherTries < 0)
    throw new ConfigError(`furtherTries is ${furtherTries}; give a whole number of at least 0`);
}

/** The seed of a try: further tries need another one, or an endpoint that honours seeds writes the same again. */
export function seedOf(seed: number | undefined, attempt: number): { readonly seed?: number } {
  if (seed === undefined && attempt === 0) return {};
  return { seed: (seed ?? 0) + attempt * 1_000_003 };
}

function judgementOf(
  answers: readonly Answers<CriterionVerdict>[],
  batches: readonly (readonly AskedCriterion[])[],
): RubricJudgement {
  return {
    verdicts: batches.flatMap((batch, i) =>
      batch.map(({ key }): CriterionVerdict => {
        const { values, failure } = answers[i]!;
        return values.get(key) ?? { status: "failed", ...failure! };
      }),
    ),
    rating: null,
    replies: answers.flatMap(({ replies }) => replies),
    usage: answers.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
  };
}
