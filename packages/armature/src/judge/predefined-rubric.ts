import type { Rubric } from "../rubric/rubric.ts";

/**
 * RaR-Predefined (Rubrics as Rewards, section 4.3): four generic criteria of equal weight for every prompt, in our words.
 */
export const PREDEFINED_RUBRIC: Rubric = {
  title: "predefined",
  criteria: [
    "The response is correct: it holds no factual mistake and nothing made up.",
    "The response answers every essential part of what was asked.",
    "The response is concise: it holds nothing that the reader does not need.",
    "The response helps in practice: the reader can act on it or knows what was asked.",
  ].map((text, i) => ({ id: `c${i + 1}`, text, weight: 1, polarity: "good" as const })),
};
