import { type FoundJson, jsonValues } from "../llm/json-values.ts";
import { withoutThinking } from "../llm/without-thinking.ts";
import type { AskedCriterion } from "./criterion-protocol.ts";
import type { CriterionVerdict } from "./criterion-verdict.ts";
import { verdictOf } from "./verdict-value.ts";

/**
 * JSON that a model wrote as its answer: thinking before it is passed over, and so is what stands word for word in the
 * question, for it is an echo of the example or of the response that is judged.
 */
export function answeredJson(reply: string, question: string): readonly FoundJson[] {
  return [...jsonValues(withoutThinking(reply))].filter(({ source }) => !question.includes(source));
}

/**
 * Verdicts by key in any of the forms that models use: objects with `id` and `verdict`, alone, in a list or wrapped; objects
 * or bare answers under the id as a key; and for one criterion an object without id. The first verdict on a criterion counts.
 * What states no known verdict is no verdict. Never throws.
 */
export function readVerdicts(
  reply: string,
  asked: readonly AskedCriterion[],
  question: string,
): ReadonlyMap<string, CriterionVerdict> {
  const verdicts = new Map<string, CriterionVerdict>();
  const take = (one: AskedCriterion | undefined, stated: unknown, reason: string | null): void => {
    if (one === undefined || verdicts.has(one.key)) return;
    const verdict = verdictOf(stated, one.criterion, reason);
    if (verdict !== null) verdicts.set(one.key, verdict);
  };
  const byId = (id: unknown) => asked.find(({ key }) => key === String(id).trim().toLowerCase());
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) walk(item);
    if (!isRecord(value)) return;
    const id = value["id"] ?? value["criterion_id"] ?? value["criterion"];
    const stated = STATED.map((name) => value[name]).find((one) => one !== undefined);
    if (stated !== undefined && !isRecord(stated)) {
      take(id === undefined && asked.length === 1 ? asked[0] : byId(id), stated, reasonOf(value));
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      const one = byId(key);
      if (one === undefined) walk(inner);
      else if (isRecord(inner))
        take(
          one,
          STATED.map((name) => inner[name]).find((found) => found !== undefined),
          reasonOf(inner),
        );
      else take(one, inner, null);
    }
  };
  for (const { value } of answeredJson(reply, question)) walk(value);
  return verdicts;
}

/** Names under which models state a verdict, and a reason. */
const STATED = ["verdict", "answer", "criteria_met", "met"];
const REASONS = ["reason", "explanation", "justification"];

/** The reason given beside a verdict; null where there is none. */
export function reasonOf(value: Readonly<Record<string, unknown>>): string | null {
  const reason = REASONS.map((name) => value[name]).find((one) => typeof one === "string");
  return typeof reason === "string" ? reason : null;
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
