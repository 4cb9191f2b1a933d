import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "../row.ts";

const DATA = new URL("../../../shared/data/ifeval-ifbench/", import.meta.url);

/** GPT-4's accuracies in percent, from the table of results of IFEval's paper (arXiv 2311.07911, version 1). */
const PUBLISHED = { promptStrict: 76.9, instructionStrict: 83.6, promptLoose: 79.3, instructionLoose: 85.4 };

export const row: Row = {
  name: "ifeval",
  what: "our checkers against the published verdicts on IFBench's 290 sample responses, and accuracies of GPT-4's published responses to IFEval",
  bar: "every IFBench verdict of a type with a checker agrees; the four IFEval accuracies within 1.5 points of the published ones",
  async measure() {
    if (!existsSync(DATA))
      throw new Error("../shared/data/ifeval-ifbench is missing; this row measures on it");
    const { readRows } = await import("../../packages/armature/src/data/read-rows.ts");
    const { verifyInstructions } = await import(
      "../../packages/armature/src/instructions/verify-instructions.ts"
    );
    const rowsOf = async (name: string) => {
      const rows = [];
      for await (const { value } of readRows(fileURLToPath(new URL(name, DATA)))) rows.push(value);
      return rows;
    };
    const verdictOf = (value: Readonly<Record<string, unknown>>, field: string, mode: "strict" | "loose") =>
      verifyInstructions(
        value["instruction_id_list"] as string[],
        value["kwargs"] as Record<string, unknown>[],
        String(value["prompt"]),
        String(value[field] ?? ""),
        mode,
      );

    const sampled = (await rowsOf("ifbench.jsonl.gz")).filter((value) => "sample_response" in value);
    const compared = sampled.flatMap((value) => {
      const published = value["strict_follow_list"] as boolean[];
      return verdictOf(value, "sample_response", "strict").followed.map((own, i) => [own, published[i]]);
    });
    const checked = compared.filter(([own]) => own !== null);
    const agreeing = checked.filter(([own, published]) => own === published).length;

    const ifeval = await rowsOf("ifeval.jsonl.gz");
    const percent = (values: readonly (boolean | null)[]) =>
      (100 * values.filter((one) => one === true).length) / values.length;
    const accuracies = (mode: "strict" | "loose") => {
      const verdicts = ifeval.map((value) => verdictOf(value, "gpt4_response", mode));
      return [percent(verdicts.map(({ all }) => all)), percent(verdicts.flatMap(({ followed }) => followed))];
    };
    const [promptStrict, instructionStrict] = accuracies("strict");
    const [promptLoose, instructionLoose] = accuracies("loose");
    const own = { promptStrict, instructionStrict, promptLoose, instructionLoose };
    const farthest = Math.max(
      ...Object.entries(PUBLISHED).map(([name, value]) => Math.abs(own[name as keyof typeof own]! - value)),
    );
    return {
      value: agreeing / checked.length,
      unit: "share of published verdicts that ours agree with",
      holds: agreeing === checked.length && farthest <= 1.5,
      detail: {
        ifbench: { agreeing, checked: checked.length, withoutChecker: compared.length - checked.length },
        ifeval: { own, published: PUBLISHED, farthest },
      },
    };
  },
};
