import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  anyCriteria,
  anyItem,
  anyPrompt,
  anyText,
  anyTextPrompt,
  CRITERION_PARTS,
  line,
} from "../../../test/rubric/any-item.ts";
import type { Criterion } from "../rubric.ts";
import type { RubricItem, RubricResponse } from "../rubric-item.ts";
import { RUBRIC_FORMATS, rubricFormat } from "./all-formats.ts";
import { defaultId } from "./native.ts";

type Part = keyof typeof CRITERION_PARTS;

/** What a format can hold; everything else of an item stays at its default. */
interface Holds {
  readonly parts: readonly Part[];
  readonly overrides?: Partial<Record<Part, fc.Arbitrary<unknown>>>;
  readonly count?: number;
  readonly id?: boolean;
  readonly prompt?: fc.Arbitrary<RubricItem["prompt"]>;
  readonly reference?: boolean;
  readonly responses?: fc.Arbitrary<readonly RubricResponse[]>;
  readonly title?: boolean;
  /** Makes polarity and weight agree as the format's sign does. */
  readonly signed?: boolean;
}

const positive = fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constantFrom(0.25, 3.7));
const textPrompt = fc.option(anyTextPrompt);
const noPrompt = fc.constant(null);
const fixedLevels = (labels: readonly string[]) =>
  fc
    .array(line, { minLength: labels.length, maxLength: labels.length })
    .map((descriptions) =>
      labels.map((label, i) => ({ label, description: descriptions[i]!, value: i / (labels.length - 1) })),
    );
const five = fixedLevels(["1", "2", "3", "4", "5"]);
const fieldResponse = (field: string) => line.map((text) => ({ text, extra: { field } }));
const modelResponses = fc
  .uniqueArray(line, { maxLength: 3 })
  .chain((models) => fc.tuple(...models.map((model) => line.map((text) => ({ text, model })))));

const HOLDS: Readonly<Record<string, Holds>> = {
  healthbench: {
    parts: ["weight", "tags"],
    signed: true,
    id: true,
    prompt: fc.option(anyPrompt),
    reference: true,
  },
  rar: {
    parts: ["weight", "title", "category"],
    overrides: { weight: positive, category: fc.constantFrom("essential", "important", "optional") },
    prompt: textPrompt,
    reference: true,
  },
  openrubrics: {
    parts: [],
    overrides: {},
    id: true,
    prompt: anyTextPrompt,
    responses: fc.tuple(fieldResponse("response_a"), fieldResponse("response_b")),
  },
  "arm-text": { parts: ["polarity"], prompt: noPrompt },
  lines: { parts: ["polarity"], prompt: noPrompt },
  "chasing-the-tail": {
    parts: ["weight", "polarity"],
    overrides: { weight: positive },
    id: true,
    prompt: textPrompt,
  },
  "rubric-hub": { parts: ["weight", "verifier"], signed: true, prompt: fc.option(anyPrompt) },
  prbench: { parts: ["id", "weight"], signed: true, id: true, prompt: fc.option(anyPrompt) },
  verifiers: {
    parts: ["id", "weight", "polarity", "choices"],
    overrides: { weight: positive },
    prompt: noPrompt,
  },
  autorubric: {
    parts: ["id", "weight", "choices"],
    signed: true,
    prompt: textPrompt,
    responses: fc.array(
      line.map((text) => ({ text, extra: { description: "d" } })),
      { maxLength: 2 },
    ),
  },
  promptfoo: { parts: ["weight", "polarity", "title"], overrides: { weight: positive }, prompt: textPrompt },
  oumi: { parts: ["id", "weight", "polarity"], overrides: { weight: positive }, prompt: textPrompt },
  "tinker-cookbook": { parts: ["polarity"], prompt: fc.option(anyPrompt) },
  "dr-tulu": { parts: ["weight", "title"], signed: true, prompt: textPrompt },
  "nemo-gym": { parts: ["polarity"], id: true, prompt: fc.option(anyPrompt) },
  multichallenge: {
    parts: ["polarity"],
    count: 1,
    id: true,
    prompt: fc.option(anyPrompt),
    responses: modelResponses,
  },
  infobench: { parts: ["polarity", "tags"], id: true, prompt: textPrompt },
  hellobench: { parts: ["polarity"], id: true, prompt: textPrompt, responses: modelResponses },
  "checklist-map": { parts: ["polarity"], id: true, prompt: noPrompt },
  "biggen-bench": {
    parts: ["polarity"],
    overrides: { choices: five },
    count: 1,
    id: true,
    prompt: textPrompt,
    reference: true,
  },
  prometheus: { parts: ["polarity"], overrides: { choices: five }, count: 1, id: true, prompt: noPrompt },
  "prometheus-pair": {
    parts: ["polarity"],
    overrides: { choices: five },
    count: 1,
    prompt: anyTextPrompt,
    responses: fc.tuple(fieldResponse("chosen"), fieldResponse("rejected")),
  },
  "prometheus-prompt": {
    parts: ["polarity"],
    overrides: { choices: five },
    count: 1,
    prompt: line.map(
      (content) => rubricFormat("fields").read({ prompt: content, rubrics: ["x"] })[0]!.prompt,
    ),
    responses: fc.tuple(fieldResponse("response")),
  },
  writingbench: {
    parts: ["polarity", "title"],
    overrides: { choices: fixedLevels(["1-2", "3-4", "5-6", "7-8", "9-10"]), title: line },
    id: true,
    prompt: textPrompt,
  },
  researchqa: { parts: ["polarity", "tags"], id: true, prompt: textPrompt },
  researcherbench: {
    parts: ["weight", "polarity"],
    overrides: { weight: positive },
    id: true,
    prompt: textPrompt,
  },
  "scholarqa-cs": {
    parts: ["id", "weight", "polarity"],
    overrides: { weight: positive },
    id: true,
    prompt: textPrompt,
  },
  "deepresearch-bench": {
    parts: ["weight", "polarity"],
    // Criteria stand by dimension, so only those of one keep their order.
    overrides: { weight: positive, tags: fc.constant(["insight"]) },
    id: true,
    prompt: textPrompt,
  },
  "hbq-module": { parts: ["id", "weight", "polarity"], id: true, prompt: noPrompt, title: true },
  ifeval: { parts: [], id: true, prompt: textPrompt },
  fields: {
    parts: ["weight", "title", "tags"],
    signed: true,
    id: true,
    prompt: fc.option(anyPrompt),
    reference: true,
  },
};

/** Parts that every criterion of a format has. */
const ALWAYS: Readonly<Record<string, readonly Part[]>> = {
  openrubrics: ["kind"],
  "arm-text": ["kind"],
  "biggen-bench": ["choices"],
  prometheus: ["choices"],
  "prometheus-pair": ["choices"],
  "prometheus-prompt": ["choices"],
  writingbench: ["choices", "title"],
  ifeval: ["verifier"],
  "deepresearch-bench": ["tags"],
};

function itemsOf(format: string, holds: Holds): fc.Arbitrary<RubricItem> {
  const always = ALWAYS[format] ?? [];
  const all = { ...CRITERION_PARTS, ...holds.overrides } as Record<Part, fc.Arbitrary<unknown>>;
  const criteria = anyCriteria(holds.parts, holds.overrides).chain((drawn) => {
    const kept = drawn.slice(0, holds.count);
    return fc
      .tuple(...kept.map(() => fc.record(Object.fromEntries(always.map((part) => [part, all[part]])))))
      .map((more) =>
        kept.map((criterion, i) => agreed(format, holds, { ...criterion, ...more[i] } as Criterion)),
      );
  });
  return fc
    .record({
      id: holds.id ? fc.option(line) : noPrompt,
      prompt: holds.prompt ?? noPrompt,
      reference: holds.reference ? fc.option(anyText) : noPrompt,
      responses: holds.responses ?? fc.constant([] as readonly RubricResponse[]),
      criteria,
      title: holds.title ? fc.option(line) : noPrompt,
    })
    .map(({ id, criteria, title, ...rest }) => {
      const rubric = JSON.parse(
        JSON.stringify({ criteria, ...(title !== null && { title }) }),
      ) as RubricItem["rubric"];
      return { ...rest, id: id ?? defaultId(rest.prompt, rubric), rubric };
    });
}

/** What the format itself makes of a criterion's sign, id and the like. */
function agreed(format: string, holds: Holds, criterion: Criterion): Criterion {
  const { weight, polarity } = criterion;
  if (format === "ifeval") return { ...criterion, text: criterion.verifier!.name };
  if (holds.signed) return { ...criterion, polarity: weight < 0 ? "bad" : "good" };
  return { ...criterion, polarity };
}

describe("every format gives back what it can hold", () => {
  it("is tested for every format", () => {
    const own = ["armature", "markdown"];
    expect([...own, ...Object.keys(HOLDS)].sort()).toEqual(RUBRIC_FORMATS.map(({ name }) => name).sort());
  });

  it.each(Object.entries(HOLDS))("%s", (name, holds) => {
    const format = rubricFormat(name);
    fc.assert(
      fc.property(itemsOf(name, holds), (item) => {
        const rows = JSON.parse(JSON.stringify(format.write([item])));
        expect(rows).toHaveLength(1);
        const [read] = format.read(rows[0]);
        expect(comparable(name, read!)).toEqual(comparable(name, item));
        // What was read is written as it was: the rows of a file come back.
        expect(JSON.parse(JSON.stringify(format.write(format.read(rows[0]))))).toEqual(rows);
      }),
      { numRuns: 40 },
    );
  });

  it("markdown", () => {
    const format = rubricFormat("markdown");
    fc.assert(
      fc.property(fc.array(anyItem, { minLength: 1, maxLength: 3 }), (items) => {
        const oneLineIds = items.map((item) => ({ ...item, id: item.id.replace(/\s+/g, " ").trim() }));
        expect(format.write(oneLineIds).flatMap((row) => format.read(row))).toEqual(oneLineIds);
      }),
      { numRuns: 40 },
    );
  });
});

/** Without what the format adds of its own: its name, ids that follow from place, derived fields in extra. */
function comparable(format: string, item: RubricItem): unknown {
  const { format: _, extra, id, ...rest } = item;
  const criteria = rest.rubric.criteria.map(({ extra, ...criterion }, i) => ({
    ...criterion,
    id: criterion.id.replace(/-\d+$/, "") === `c${i + 1}` ? `c${i + 1}` : criterion.id,
  }));
  const keepsId = format !== "promptfoo" && HOLDS[format]?.id === true;
  return { ...rest, ...(keepsId && { id }), rubric: { ...rest.rubric, criteria } };
}
