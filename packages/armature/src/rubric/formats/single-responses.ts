import type { Rubric } from "../rubric.ts";
import type { RubricResponse } from "../rubric-item.ts";
import type { OpenRow } from "./field.ts";
import type { ResponseFields } from "./layout.ts";

/** Responses that stand in fields of their own, each a text; an empty one stays where it is. */
export function responseFields(fields: readonly string[]): ResponseFields {
  return {
    mapping: fields.map((field) => [field, "responses[].text"]),
    take: (row) =>
      fields.flatMap((field) => {
        const text = row[field];
        if (typeof text !== "string") return [];
        delete row[field];
        return [{ text, extra: { field } }];
      }),
    put: (row, responses) => {
      const open = [...fields];
      for (const { text, extra } of responses) {
        const own = open.indexOf(String(extra?.["field"]));
        const [field] = open.splice(Math.max(own, 0), 1);
        if (field !== undefined) row[field] = text;
      }
    },
  };
}

/** Responses as a map from the model's name to its text. */
export function responseMap(field: string): ResponseFields {
  return {
    mapping: [[field, "responses[].text, responses[].model"]],
    take: (row) => {
      const map = row[field];
      if (
        typeof map !== "object" ||
        map === null ||
        !Object.values(map).every((text) => typeof text === "string")
      )
        return [];
      delete row[field];
      return Object.entries(map as Record<string, string>).map(([model, text]) => ({ text, model }));
    },
    put: (row, responses) => {
      if (responses.length === 0) return;
      row[field] = Object.fromEntries(
        responses.map(({ text, model }, i) => [model ?? `model-${i + 1}`, text]),
      );
    },
  };
}

/** One response and a list of yes or no about it, a value a criterion. */
export function verdictList(text: string, verdicts: string): ResponseFields {
  return {
    mapping: [
      [text, "responses[].text"],
      [verdicts, "responses[].verdicts"],
    ],
    take: (row: OpenRow, { criteria }: Rubric): readonly RubricResponse[] => {
      const response = row[text];
      if (typeof response !== "string") return [];
      delete row[text];
      const list = row[verdicts];
      const fits =
        Array.isArray(list) &&
        list.length === criteria.length &&
        list.every((met) => typeof met === "boolean" || met === null);
      if (!fits) return [{ text: response }];
      delete row[verdicts];
      const read = (list as readonly (boolean | null)[]).map((met) =>
        met === null ? null : ({ status: "scored", value: Number(met), reason: null } as const),
      );
      return [{ text: response, verdicts: read }];
    },
    put: (row, [response]) => {
      if (response === undefined) return;
      row[text] = response.text;
      if (response.verdicts === undefined) return;
      row[verdicts] = response.verdicts.map((verdict) =>
        verdict?.status === "scored" ? verdict.value >= 0.5 : null,
      );
    },
  };
}
