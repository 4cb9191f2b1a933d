import fc from "fast-check";
import { promptId } from "../../src/data/content-id.ts";
import type { Message } from "../../src/data/prompt.ts";
import { withDefaults } from "../../src/rubric/check-rubric.ts";
import type { Criterion } from "../../src/rubric/rubric.ts";
import type { RubricItem, RubricResponse } from "../../src/rubric/rubric-item.ts";

/** Words on one line, as criteria have them. */
export const line = fc
  .array(fc.stringMatching(/^[A-Za-zäß中,'()%-]{1,9}$/), { minLength: 1, maxLength: 8 })
  .map((words) => words.join(" "));

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((s) => s.trim() !== "");
const weight = fc.oneof(fc.integer({ min: -10, max: 10 }), fc.constantFrom(0.25, -0.5, 3.7));
const named = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.oneof(line, fc.integer()), { maxKeys: 2 });

const choices = fc
  .uniqueArray(line, { minLength: 2, maxLength: 5 })
  .map((labels) => labels.map((label, i) => ({ label, value: i / (labels.length - 1) })));

/** Parts of a criterion; give only those that a format holds. */
export const CRITERION_PARTS = {
  id: fc.stringMatching(/^[a-z][a-z0-9-]{0,7}$/),
  text: line,
  weight,
  polarity: fc.constantFrom("good" as const, "bad" as const),
  title: line,
  kind: fc.constantFrom("hard-rule" as const, "principle" as const),
  category: fc.constantFrom(
    "essential" as const,
    "important" as const,
    "optional" as const,
    "pitfall" as const,
  ),
  gate: fc.boolean(),
  choices,
  tags: fc.array(line, { minLength: 1, maxLength: 3 }),
  verifier: fc.record({ name: line, parameters: named }),
  extra: named.filter((extra) => Object.keys(extra).length > 0),
};

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

/** Criteria with the named optional parts; ids differ. */
export function anyCriteria(
  parts: readonly (keyof typeof CRITERION_PARTS)[],
  overrides: Partial<Record<keyof typeof CRITERION_PARTS, fc.Arbitrary<unknown>>> = {},
): fc.Arbitrary<readonly Criterion[]> {
  const all = { ...CRITERION_PARTS, ...overrides } as typeof CRITERION_PARTS;
  const record = fc.record({
    text: all.text,
    ...Object.fromEntries(parts.map((part) => [part, optional(all[part] as fc.Arbitrary<unknown>)])),
  });
  return fc
    .uniqueArray(record, { minLength: 1, maxLength: 6, selector: (part) => part.text.toLowerCase() })
    .map((criteria) => {
      const ids = new Set<string>();
      return withDefaults(
        criteria.map((criterion) => {
          const said = JSON.parse(JSON.stringify(criterion)) as Criterion;
          const { id, ...rest } = said;
          if (id === undefined || ids.has(id)) return rest;
          ids.add(id);
          return said;
        }),
      );
    });
}

const conversation: fc.Arbitrary<readonly Message[]> = fc
  .tuple(fc.array(fc.tuple(text, text), { maxLength: 2 }), text)
  .map(([turns, last]) => [
    ...turns.flatMap(([user, assistant]): Message[] => [
      { role: "user", content: user },
      { role: "assistant", content: assistant },
    ]),
    { role: "user", content: last },
  ]);

export const anyPrompt = conversation.map((messages) => ({ id: promptId(messages), messages }));
export const anyTextPrompt = text.map((content) => {
  const messages: readonly Message[] = [{ role: "user", content }];
  return { id: promptId(messages), messages };
});
export const anyText = text;

const response: fc.Arbitrary<RubricResponse> = fc
  .record({ text: fc.string(), model: optional(line), extra: optional(named) })
  .map((value) => JSON.parse(JSON.stringify(value)) as RubricResponse);

/** Any item of our own form. */
export const anyItem: fc.Arbitrary<RubricItem> = fc
  .record({
    id: text,
    prompt: fc.option(anyPrompt),
    reference: fc.option(text),
    responses: fc.array(response, { maxLength: 2 }),
    criteria: anyCriteria([
      "id",
      "weight",
      "polarity",
      "title",
      "kind",
      "category",
      "gate",
      "choices",
      "tags",
      "verifier",
      "extra",
    ]),
    title: optional(text),
    extra: optional(named.filter((extra) => Object.keys(extra).length > 0)),
  })
  .map(
    ({ criteria, title, ...rest }) =>
      JSON.parse(JSON.stringify({ ...rest, rubric: { criteria, title } })) as RubricItem,
  );
