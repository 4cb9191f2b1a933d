/** What a preset says in the prompt of `rarWriter`; the wording is ours. */
export interface RarPreset {
  readonly name: string;
  /** Completes "You are an expert in …". */
  readonly field: string;
  /** What to look at, as a list in one sentence. */
  readonly aspects: string;
  /** A rule about pitfalls of this field. */
  readonly pitfalls?: string;
}

/** The two fields of Rubrics as Rewards (section 4.2) and one for any other. */
export const RAR_PRESETS = {
  medicine: {
    name: "medicine",
    field: "medicine and patient care",
    aspects:
      "correct facts and reasoning, completeness, safety and harm avoided, what the patient needs to do next, care for the patient's situation and feelings, context, depth, style, helpfulness",
    pitfalls:
      "- Write at least one pitfall: a dangerous recommendation, or the omission of a warning, that an answer to this question could well contain.",
  },
  science: {
    name: "science",
    field: "biology, physics and chemistry",
    aspects:
      "the correct final result with units and conditions, each necessary step of the derivation, the laws and assumptions that are used, sound reasoning, precise terms, completeness, clear structure",
  },
  general: {
    name: "general",
    field: "the subject of the question",
    aspects:
      "the demands that the question makes, correct facts, sound reasoning, completeness, depth, usefulness for the person who asked, fitting form, length and tone, harm avoided",
  },
} as const satisfies Readonly<Record<string, RarPreset>>;

/** Name of a preset of `RAR_PRESETS`. */
export type RarPresetName = keyof typeof RAR_PRESETS;
