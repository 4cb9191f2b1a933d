import { contentId } from "../data/content-id.ts";
import { ConfigError } from "../errors.ts";
import type { LanguageModel } from "../llm/language-model.ts";
import type { Criterion } from "../rubric/rubric.ts";
import { askUntilRead } from "./ask-until-read.ts";
import { type AskingSettings, checkAsking, seedOf } from "./criterion-judge.ts";
import type { RatingVerdict } from "./criterion-verdict.ts";
import { fenced, fillTemplate } from "./fill-template.ts";
import {
  askedAgain,
  referenceSection,
  shownTask,
  statementText,
  userMessage,
  wordings,
} from "./judge-wording.ts";
import type { JudgeTask, RubricJudge } from "./rubric-judge.ts";
import { answeredJson, isRecord, reasonOf } from "./verdict-reply.ts";

/**
 * What the rating looks at (Rubrics as Rewards, section 4.3): the rubric as a whole (`implicit`, equation 2), the response
 * alone (`likert`), or the response beside a reference (`reference-likert`).
 */
export type RatingMode = "implicit" | "likert" | "reference-likert";

/** A judge of the response as a whole. */
export interface RatingJudgeSettings extends AskingSettings {
  readonly model: LanguageModel;
  readonly mode: RatingMode;
}

const LOWEST = 1;
const HIGHEST = 10;
const RATING_TOKENS = 512;

/**
 * A judge that gives one rating from 1 to 10, its reason first. An unreadable reply, or a number outside the range, is asked
 * for again and then fails as `parse`. `judge` throws `ConfigError` for a task without reference where the mode shows one.
 */
export function ratingJudge(settings: RatingJudgeSettings): RubricJudge {
  const { model, mode, temperature = 0, seed, maxTokens = RATING_TOKENS, furtherTries = 2 } = settings;
  checkAsking({ temperature, maxTokens, furtherTries });
  const texts = wordings(
    "rating-judge",
    "reference-rating-judge",
    "rubric-rating-judge",
    "reference-section",
    "ask-again",
  );
  const contentOf: Readonly<Record<RatingMode, (task: JudgeTask) => string>> = {
    likert: (task) => fillTemplate(texts["rating-judge"], { ...shownTask(task) }),
    "reference-likert": (task) =>
      fillTemplate(texts["reference-rating-judge"], {
        ...shownTask(task),
        reference: fenced(referenceOf(task)),
      }),
    implicit: (task) =>
      fillTemplate(texts["rubric-rating-judge"], {
        ...shownTask(task),
        reference: referenceSection(task, texts["reference-section"]),
        rubric: task.rubric.criteria.map(weighedLine).join("\n"),
      }),
  };
  return {
    id: `${mode}:${contentId([texts, temperature, maxTokens, furtherTries, seed])}:${model.id}`,
    async judge(task, options = {}) {
      const messages = userMessage(contentOf[mode](task));
      const { values, failure, replies, usage } = await askUntilRead<RatingVerdict>(
        model,
        {
          keys: ["rating"],
          tries: 1 + furtherTries,
          request: (_, attempt) => ({
            messages: attempt === 0 ? messages : askedAgain(messages, texts["ask-again"]),
            maxTokens,
            temperature: attempt === 0 ? temperature : Math.max(1, temperature),
            ...seedOf(seed, attempt),
            responseSchema: RATING_SCHEMA,
          }),
          read: (choice) => readRating(choice.text, messages[0]!.content),
        },
        { purpose: "judge", ...options },
      );
      const rating = values.get("rating") ?? { status: "failed" as const, ...failure! };
      return { verdicts: [], rating, replies, usage };
    },
  };
}

const RATING_SCHEMA = {
  name: "rating",
  schema: {
    type: "object",
    properties: {
      reason: { type: "string" },
      rating: { type: "integer", minimum: LOWEST, maximum: HIGHEST },
    },
    required: ["reason", "rating"],
    additionalProperties: false,
  },
};

function readRating(reply: string, question: string): ReadonlyMap<string, RatingVerdict> {
  for (const { value } of answeredJson(reply, question)) {
    if (!isRecord(value)) continue;
    const stated = value["rating"] ?? value["score"];
    const rating = typeof stated === "string" && stated.trim() !== "" ? Number(stated) : stated;
    if (typeof rating !== "number" || !(rating >= LOWEST && rating <= HIGHEST)) continue;
    const verdict = { rating, lowest: LOWEST, highest: HIGHEST, reason: reasonOf(value) };
    return new Map([["rating", { status: "scored", ...verdict }]]);
  }
  return new Map();
}

/** A criterion with how much it matters: its category, else that it is undesirable, else nothing. */
function weighedLine({ text, category, polarity }: Criterion): string {
  const mark = category ?? (polarity === "bad" ? "undesirable" : null);
  return `- ${mark === null ? "" : `[${mark}] `}${statementText(text)}`;
}

function referenceOf({ prompt, reference }: JudgeTask): string {
  if (reference !== undefined) return reference;
  throw new ConfigError(
    `prompt ${prompt.id} has no reference, which reference-likert compares with; give one or use likert`,
  );
}
