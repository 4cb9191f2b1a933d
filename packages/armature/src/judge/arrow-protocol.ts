import type { Choice, TokenLogprob } from "../llm/language-model.ts";
import type { AskedCriterion, CriterionProtocol } from "./criterion-protocol.ts";
import type { CriterionVerdict } from "./criterion-verdict.ts";
import { fillTemplate } from "./fill-template.ts";
import { shownTask, statementText, userMessage, wordings } from "./judge-wording.ts";
import { answeredJson, isRecord } from "./verdict-reply.ts";

/** How RUBRIC-ARROW's probabilities are read. */
export interface ArrowReading {
  /**
   * What is done where the endpoint sends no logprobs. `booleans`: the verdicts count ±1, as in the authors' generator and
   * policy training; they carry no `probability`, which tells them apart. `fail`: the criterion fails, as in their judge training.
   */
  readonly withoutLogprobs?: "booleans" | "fail";
  /**
   * Which tokens say true and false. `trimmed` (default): all that read so without white space and case, their probabilities
   * added. `exact`: " true" and " false" with the leading space alone, as in the authors' code.
   */
  readonly tokens?: "trimmed" | "exact";
  /** Alternatives asked for at each token: the authors take 10, and 5 while training policies. Default 10. */
  readonly topLogprobs?: number;
}

/**
 * RUBRIC-ARROW's judge in our words: all criteria in one call, one JSON object with `explanation_i` and `criteria_met_i`, and
 * the probabilities of true and false at the token of the verdict. A side that is not among the alternatives has probability 0,
 * as in the authors' code: that is no verdict made up, for the boolean itself was read. A criterion without a boolean is asked
 * for again, with its own number. Score it with `arrow` or `arrowSum`.
 */
export function arrowProtocol(reading: ArrowReading = {}): CriterionProtocol {
  const { withoutLogprobs = "booleans", tokens = "trimmed", topLogprobs = 10 } = reading;
  const texts = wordings("arrow-judge");
  return {
    name: "arrow",
    wording: [...Object.values(texts), withoutLogprobs, tokens, String(topLogprobs)],
    criteriaPerCall: Number.POSITIVE_INFINITY,
    topLogprobs,
    messages: (task, asked) =>
      userMessage(
        fillTemplate(texts["arrow-judge"], {
          ...shownTask(task),
          criteria: asked
            .map((one) => `${numberOf(one)}. ${statementText(one.criterion.text)}${tagOf(one)}`)
            .join("\n"),
        }),
      ),
    read: (choice, asked, question) => {
      const verdicts = new Map<string, CriterionVerdict>();
      for (const { value, source } of answeredJson(choice.text, question)) {
        if (!isRecord(value)) continue;
        for (const one of asked) {
          const stated = value[`criteria_met_${numberOf(one)}`];
          if (verdicts.has(one.key) || typeof stated !== "boolean") continue;
          const probability = probabilityOf(choice, source, numberOf(one), tokens);
          const explanation = value[`explanation_${numberOf(one)}`];
          const reason = typeof explanation === "string" ? explanation : null;
          verdicts.set(
            one.key,
            probability === null && withoutLogprobs === "fail"
              ? {
                  status: "failed",
                  kind: "parse",
                  detail: "the endpoint sent no logprobs to read the verdict by",
                }
              : {
                  status: "scored",
                  value: stated ? 1 : 0,
                  ...(probability !== null && { probability }),
                  reason,
                },
          );
        }
      }
      return verdicts;
    },
  };
}

/** The number in a key: criteria keep theirs when they are asked for again. */
const numberOf = ({ key }: AskedCriterion): number => Number(key.slice(1));

function tagOf({ criterion }: AskedCriterion): string {
  if (criterion.kind === undefined) return "";
  return criterion.kind === "hard-rule" ? " [Hard Rule]" : " [Principle]";
}

/** Null where the reply has no logprobs, or they do not spell the object that was read. */
function probabilityOf(
  { logprobs }: Choice,
  object: string,
  number: number,
  tokens: "trimmed" | "exact",
): { readonly met: number; readonly unmet: number } | null {
  if (logprobs === undefined) return null;
  const spelled = logprobs.map(({ token }) => token).join("");
  // The object is looked for behind the thinking, where a draft of it may stand.
  const start = spelled.indexOf(object, Math.max(0, spelled.lastIndexOf("</think>")));
  if (start < 0) return null;
  const key = new RegExp(`["']criteria_met_${number}["']\\s*:\\s*`).exec(object);
  if (key === null) return null;
  const token = tokenAt(logprobs, start + key.index + key[0].length);
  return token === undefined
    ? null
    : { met: shareOf(token, "true", tokens), unmet: shareOf(token, "false", tokens) };
}

function tokenAt(logprobs: readonly TokenLogprob[], offset: number): TokenLogprob | undefined {
  let end = 0;
  return logprobs.find(({ token }) => {
    end += token.length;
    return end > offset;
  });
}

/** Probability of all alternatives that say `word`; the token itself counts where it is not among them. */
function shareOf({ token, logprob, top }: TokenLogprob, word: string, tokens: "trimmed" | "exact"): number {
  const says = (text: string) =>
    tokens === "exact" ? text === ` ${word}` : text.trim().toLowerCase() === word;
  const listed = top.some((other) => other.token === token) ? top : [...top, { token, logprob }];
  const sum = listed
    .filter((other) => says(other.token))
    .reduce((total, one) => total + Math.exp(one.logprob), 0);
  return Math.min(1, sum);
}
