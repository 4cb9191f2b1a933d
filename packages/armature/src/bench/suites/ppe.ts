import { promptOf } from "../../data/pair-content.ts";
import { readPairRow } from "../../data/preference-pairs.ts";
import { RowFault, textOf, wrongType } from "../../data/row-fields.ts";
import { fileStem, pairItem, responsesItem } from "../bench-item.ts";
import type { BenchSuite } from "../bench-suite.ts";
import { OVER_GROUPS, OVER_ITEMS } from "../grading.ts";

/** PPE human preference (arXiv 2410.14872): prompt, response_1, response_2, winner model_a, model_b or a tie; groups by language. */
export const ppeHuman: BenchSuite = {
  name: "ppe-human",
  title: "PPE human preference",
  files: ["ppe/human_preference_v1.parquet"],
  read: (row) => [
    pairItem(row, readPairRow(row.value), { subset: textOf(row.value["language"] ?? "any", "language") }),
  ],
  average: OVER_ITEMS,
};

/**
 * PPE correctness: prompt, response_1 … response_K, `scores` of each and `sampled_conflict_pairs` of places of a right and a wrong
 * one. One item a sampled pair; groups are the files (MMLU-Pro, MATH, GPQA, IFEval, MBPP-Plus).
 */
export const ppeCorrectness: BenchSuite = {
  name: "ppe-correctness",
  title: "PPE correctness",
  files: [
    "ppe/mmlu_pro.parquet",
    "ppe/math.parquet",
    "ppe/gpqa.parquet",
    "ppe/ifeval.parquet",
    "ppe/mbpp_plus.parquet",
  ],
  read(row) {
    const { scores, sampled_conflict_pairs: pairs } = row.value;
    if (!Array.isArray(scores)) throw wrongType(scores, "scores", "give one score a response");
    if (!Array.isArray(pairs)) throw wrongType(pairs, "sampled_conflict_pairs", "give a list of places");
    const messages = promptOf(row.value, ["prompt"]);
    return pairs.map((pair: unknown, i) => {
      const places = Array.isArray(pair) ? pair.map(Number) : [];
      const [a, b] = places;
      if (a === undefined || b === undefined || Number(scores[a]) === Number(scores[b])) {
        const what = `is ${JSON.stringify(pair)}; give the places of a right and a wrong response`;
        throw new RowFault("unknown-winner", `sampled_conflict_pairs[${i}]`, what);
      }
      const [right, wrong] = Number(scores[a]) > Number(scores[b]) ? [a, b] : [b, a];
      const text = (place: number) => textOf(row.value[`response_${place + 1}`], `response_${place + 1}`);
      return responsesItem(
        row,
        messages,
        { chosen: [text(right)], rejected: [text(wrong)] },
        { subset: fileStem(row) },
      );
    });
  },
  average: OVER_GROUPS,
};
