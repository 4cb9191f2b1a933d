import type { Criterion } from "../rubric/rubric.ts";
import { readItems, readWeight } from "./read-items.ts";
import type { RubricReading } from "./rubric-writer.ts";

/** Weights of a criterion in Chasing the Tail. */
const BOUNDS = [1, 3] as const;

/** What endpoints that enforce a form are told; the prompts ask for the same. */
export const WEIGHTED_CRITERIA_SCHEMA = {
  name: "rubric",
  schema: {
    type: "object",
    properties: {
      criteria: {
        type: "array",
        items: {
          type: "object",
          properties: {
            criterion: { type: "string" },
            weight: { type: "integer", minimum: BOUNDS[0], maximum: BOUNDS[1] },
          },
          required: ["criterion", "weight"],
          additionalProperties: false,
        },
      },
    },
    required: ["criteria"],
    additionalProperties: false,
  },
} as const;

/**
 * Reads a rubric of Chasing the Tail: yes/no criteria whose truth is good, weights 1 to 3. Ids are `c1` … in the order
 * written, whatever ids the reply gives, and a missing weight is 1, as in the released code.
 */
export function readWeightedCriteria(reply: string): RubricReading {
  const reading = readItems(reply);
  if (!reading.ok) return reading;
  const repairs = [...reading.repairs];
  const criteria = reading.items.map(
    ({ text, fields }, i): Criterion => ({
      id: `c${i + 1}`,
      text,
      weight: readWeight(fields["weight"], BOUNDS, 1, (what) => repairs.push(what)),
      polarity: "good",
    }),
  );
  return { ok: true, rubric: { criteria }, repairs };
}
