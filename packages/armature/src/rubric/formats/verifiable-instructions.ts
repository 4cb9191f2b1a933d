import { isRow } from "../../data/row-fields.ts";
import type { CriterionVerifier } from "../rubric.ts";
import { type Field, list, name, promptText, requiredText } from "./field.ts";
import { layoutFormat } from "./layout.ts";
import { responseFields } from "./single-responses.ts";

const LIST = "instruction_id_list";

const verifier: Field<CriterionVerifier> = {
  path: "verifier",
  decode: (raw) => raw as CriterionVerifier | undefined,
  encode: (value) => value,
};

/** IFEval and IFBench: each instruction is a check by program; its id is the criterion's text, for the sets give no other. */
export const verifiableInstructionsFormat = layoutFormat({
  name: "ifeval",
  about: "IFEval, IFBench: instruction_id_list and kwargs, checked by program",
  detect: (row) =>
    Array.isArray(row[LIST]) && Array.isArray(row["kwargs"])
      ? { sure: true, because: `${LIST} and kwargs` }
      : null,
  id: name("key"),
  prompt: promptText("prompt"),
  list: list(LIST),
  criterion: { text: requiredText("id"), verifier },
  sign: "positive",
  responses: responseFields(["gpt4_response"]),
  sourceNames: {
    [`${LIST}[].id`]: `${LIST}[]`,
    [`${LIST}[].verifier`]: `${LIST}[], kwargs[]`,
  },
  reshape: {
    read: ({ kwargs, ...row }) => {
      const parameters = Array.isArray(kwargs) ? kwargs : [];
      const ids = Array.isArray(row[LIST]) ? row[LIST] : [];
      const fits = parameters.length === ids.length && parameters.every(isRow);
      return {
        ...row,
        ...(!fits && { kwargs }),
        [LIST]: ids.map((id, i) =>
          fits ? { id, verifier: { name: id, parameters: parameters[i] } } : { id },
        ),
      };
    },
    write: (row) => {
      const criteria = row[LIST] as readonly { id: string; verifier?: CriterionVerifier }[];
      return {
        ...row,
        [LIST]: criteria.map(({ id, verifier }) => verifier?.name ?? id),
        kwargs: row["kwargs"] ?? criteria.map(({ verifier }) => verifier?.parameters ?? {}),
      };
    },
  },
});
