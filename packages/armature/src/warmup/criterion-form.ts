import type { ArmCriterion } from "../rubric/arm-rubric.ts";
import type { CriterionKind } from "../rubric/rubric.ts";
import type { TextFeatures } from "./text-features.ts";

/** What counting said about a criterion, with the count in a few words. */
export interface Measurement {
  readonly met: boolean;
  readonly note: string;
  /** How well it is met, for comparing two responses to one request; larger is better. */
  readonly degree: number;
}

/** Whether a response has what a criterion says, by counting only. `value` is what stands for `#` in the wording. */
export type Measure = (response: TextFeatures, request: TextFeatures, value: string) => Measurement;

/** One thing that the warm-up teachers can demand and count, and the ways they say it. */
export interface CriterionForm {
  readonly kind: CriterionKind;
  /** Each starts with "The response"; `#` stands for what the request named: an amount with its unit, a language. */
  readonly wordings: readonly string[];
  /** What may stand for `#`, as the source of a regular expression. */
  readonly values?: string;
  readonly measure: Measure;
}

/** A criterion as a form that can be counted. */
export interface CriterionReading {
  readonly form: CriterionForm;
  readonly value: string;
}

export function writeCriterion({ kind }: CriterionForm, wording: string, value: string): ArmCriterion {
  return { kind, text: wording.replace("#", () => value) };
}

/** Finds the form of a criterion by its wording; null for a criterion that no form words. */
export function criterionReader(
  forms: readonly CriterionForm[],
): (criterion: ArmCriterion) => CriterionReading | null {
  const patterns = forms.flatMap((form) =>
    form.wordings.map((wording) => ({ form, pattern: patternOf(wording, form.values ?? "") })),
  );
  return ({ text }) => {
    for (const { form, pattern } of patterns) {
      const match = pattern.exec(text);
      if (match) return { form, value: match[1] ?? "" };
    }
    return null;
  };
}

function patternOf(wording: string, values: string): RegExp {
  const escaped = wording.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace("#", () => `(${values})`);
  return new RegExp(`^${escaped}$`, "i");
}

/** Met from `least` on; more is better. */
export function enough(count: number, least: number, note: string): Measurement {
  return { met: count >= least, note, degree: count };
}

/** Met up to `most`; less is better. */
export function fewEnough(count: number, most: number, note: string): Measurement {
  return { met: count <= most, note, degree: -count };
}

export function eitherOr(met: boolean, yes: string, no: string): Measurement {
  return { met, note: met ? yes : no, degree: Number(met) };
}

/** `1 word`, `5 words`. */
export function amountOf(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
