import { lastUserTurn } from "../../data/prompt.ts";
import type { Criterion } from "../rubric.ts";
import type { RubricItem } from "../rubric-item.ts";
import { contentStems, sharedStems, stemSimilarity } from "../text-similarity.ts";
import type { CriterionFault } from "./criterion-rules.ts";

/** What a rule found about a rubric: at one criterion, or (null) at the whole. */
export type RubricFault = CriterionFault & { readonly criterion: string | null };

/** A rule that compares criteria, or a rubric with its prompt. */
export interface RubricRule {
  readonly name: string;
  readonly against: string;
  check(item: RubricItem): readonly RubricFault[];
}

const DUPLICATE = 0.9;
const OVERLAP = 0.65;
/** Share of the whole weight that one criterion may have. */
const HEAVIEST = 0.5;
/** A containment says nothing about shorter texts. */
const WORTH_CONTAINING = 4;

/** The rules, in the order in which their findings are listed. */
export const RUBRIC_RULES: readonly RubricRule[] = [
  {
    name: "duplicate",
    against: "criteria that say the same, so that it counts twice",
    check: ({ rubric: { criteria } }) =>
      pairsOf(criteria)
        .filter(({ likeness }) => likeness >= DUPLICATE)
        .map(({ earlier, later }) => ({
          criterion: later,
          reason: `says the same as ${earlier}`,
          mend: "remove one of them",
        })),
  },
  {
    name: "overlap",
    against: "criteria that share most of what they say",
    check: ({ rubric: { criteria } }) =>
      pairsOf(criteria)
        .filter(({ likeness, contained }) => likeness < DUPLICATE && (likeness >= OVERLAP || contained))
        .map(({ earlier, later, likeness, contained }) => ({
          criterion: later,
          reason: contained
            ? `one of ${earlier} and it contains the other`
            : `says ${percent(likeness)} of what ${earlier} says`,
          mend: "divide what they ask for, or merge them",
        })),
  },
  {
    name: "unbalanced-weights",
    against: "weights that let one criterion decide, or none count",
    check: ({ rubric: { criteria } }) => {
      const total = criteria.reduce((sum, { weight }) => sum + Math.abs(weight), 0);
      if (total === 0) return [{ criterion: null, reason: "all weights are 0", mend: "give weights" }];
      const zero = criteria.filter(({ weight, gate }) => weight === 0 && !gate);
      const heavy =
        criteria.length < 3 ? [] : criteria.filter(({ weight }) => Math.abs(weight) / total > HEAVIEST);
      const allBad = criteria.every(({ polarity }) => polarity === "bad");
      return [
        ...zero.map(({ id }) => ({
          criterion: id,
          reason: "its weight is 0",
          mend: "weigh it, or remove it",
        })),
        ...heavy.map(({ id, weight }) => ({
          criterion: id,
          reason: `has ${percent(Math.abs(weight) / total)} of the whole weight`,
          mend: "split it, or lower its weight",
        })),
        ...(allBad
          ? [
              {
                criterion: null,
                reason: "every criterion is bad when true, so an empty response is the best",
                mend: "add what a good response does",
              },
            ]
          : []),
      ];
    },
  },
  {
    name: "missing-terms",
    against: "explicit demands of the prompt that no criterion mentions",
    check: ({ prompt, rubric: { criteria } }) => {
      if (prompt === null) return [];
      const all = criteria.map(({ text, choices }) =>
        [text, ...(choices ?? []).map(({ description }) => description)].join(" "),
      );
      const said = contentStems(all.join(" "));
      const missing = demandsOf(lastUserTurn(prompt)).filter((demand) =>
        [...contentStems(demand)].some((word) => !said.has(word)),
      );
      return missing.map((demand) => ({
        criterion: null,
        reason: `the prompt demands ${JSON.stringify(demand)}, and no criterion says so`,
        mend: "add a criterion for it",
      }));
    },
  },
];

interface AlikePair {
  readonly earlier: string;
  readonly later: string;
  readonly likeness: number;
  readonly contained: boolean;
}

/** For each criterion the earlier one that is most like it. */
function pairsOf(criteria: readonly Criterion[]): readonly AlikePair[] {
  const stems = criteria.map(({ text }) => contentStems(text));
  return criteria.flatMap((later, i): readonly AlikePair[] => {
    const likeness = stems.slice(0, i).map((earlier) => stemSimilarity(earlier, stems[i]!));
    const best = likeness.indexOf(Math.max(...likeness));
    if (best < 0) return [];
    const smaller = Math.min(stems[best]!.size, stems[i]!.size);
    const contained = smaller >= WORTH_CONTAINING && sharedStems(stems[best]!, stems[i]!) === smaller;
    return [{ earlier: criteria[best]!.id, later: later.id, likeness: likeness[best]!, contained }];
  });
}

const DEMAND =
  /\b(?:at (?:least|most)|no (?:more|fewer|less) than|exactly|up to|under|within|fewer than|less than|more than)\s+(\d[\d,.]*\s+(?:words?|sentences?|paragraphs?|lines?|bullet points?|bullets|items?|examples?|characters?|pages?|steps?|points?|reasons?))\b/gi;
/** What must stand in the response as it is quoted. */
const QUOTED =
  /\b(?:include|mention|use|contain|start with|begin with|end with|titled?|word|phrase)\w*\s+(?:the\s+)?(?:\w+\s+)?["“]([^"”\n]{2,40})["”]/gi;

/** Limits and quoted wordings that a prompt asks for; only in short prompts, for long ones quote other texts. */
function demandsOf(prompt: string): readonly string[] {
  if (prompt.length > 2000) return [];
  const found = [DEMAND, QUOTED].flatMap((pattern) =>
    [...prompt.matchAll(pattern)].map((match) => match[1]!.trim()),
  );
  return [...new Set(found)];
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
