import { promptId } from "../data/content-id.ts";
import type { Message, Prompt } from "../data/prompt.ts";
import type { JsonlRow } from "../data/read-jsonl.ts";
import { messagesOf, RowFault, textOf, wrongType } from "../data/row-fields.ts";
import { cohenKappa, percentAgreement } from "../evaluation/agreement.ts";
import { type BootstrapSettings, bootstrapStrata, type Interval } from "../evaluation/bootstrap.ts";
import { countKinds } from "../generate/count-kinds.ts";
import type { CriterionVerdict } from "../judge/criterion-verdict.ts";

/** A criterion of HealthBench that physicians judged on a response. */
export interface MetaItem {
  readonly id: string;
  readonly category: string;
  readonly prompt: Prompt;
  readonly response: string;
  readonly criterion: string;
  /** One physician each: whether the criterion is met. */
  readonly labels: readonly boolean[];
}

/** An item with a judge's verdict. */
export interface JudgedMetaItem {
  readonly item: MetaItem;
  readonly verdict: CriterionVerdict;
}

/** How a judge's verdicts, or one physician's, agree with the physicians'. Shares in 0 to 1; null where undefined. */
export interface MetaAgreement {
  readonly items: number;
  /** Pairs of a verdict and a physician's label. */
  readonly pairs: number;
  /** Mean of the F1 of "met" and of "not met": HealthBench's macro F1. */
  readonly macroF1: number | null;
  readonly f1Met: number | null;
  readonly f1NotMet: number | null;
}

/** A judge against physicians; `result.json` is this object. */
export interface MetaEvaluation {
  readonly judge: string;
  readonly seed: number;
  readonly overall: MetaAgreement & { readonly interval: Interval | null };
  readonly categories: readonly (MetaAgreement & { readonly category: string })[];
  /** Each physician's label against the others' on the same item: what agreement is to be had. */
  readonly physicians: MetaAgreement & { readonly agreement: number | null };
  /** Cohen's kappa of the judge with the physicians' majority; items without a majority are left out. */
  readonly kappa: number | null;
  readonly failed: Readonly<Record<string, number>>;
  /** Rows that could not be read. */
  readonly skipped: number;
}

/**
 * A row of HealthBench's meta-evaluation (simple-evals, healthbench_meta_eval): prompt, completion, rubric (one criterion),
 * category and binary_labels. Throws `RowFault`.
 */
export function readMetaItem({ value, line }: JsonlRow): MetaItem {
  const messages: readonly Message[] = messagesOf(value["prompt"], "prompt");
  if (messages.length === 0) throw new RowFault("no-user-turn", "prompt", "is empty; remove the row");
  const labels = value["binary_labels"];
  if (!Array.isArray(labels) || labels.length === 0)
    throw wrongType(labels ?? undefined, "binary_labels", "give a list of true and false");
  const { category } = value;
  return {
    id: `line ${line}`,
    category: typeof category === "string" && category.trim() !== "" ? category : "all",
    prompt: { id: promptId(messages), messages },
    response: textOf(value["completion"], "completion"),
    criterion: textOf(value["rubric"], "rubric"),
    labels: labels.map((label, i) => {
      if (typeof label !== "boolean") throw wrongType(label, `binary_labels[${i}]`, "give true or false");
      return label;
    }),
  };
}

/** How many of each kind: said met or not by the one, and by the other. */
interface Confusion {
  readonly bothMet: number;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly neither: number;
}

type Pair = readonly [first: boolean, second: boolean];

const RESAMPLES = 2000;

/**
 * Agreement of a judge with physicians as HealthBench measures it (Arora et al. 2025, section 8): every verdict is paired with
 * every physician's label, and the F1 scores of both classes are averaged. The interval draws items. Failed and undecided
 * verdicts are left out and counted.
 */
export function metaEvaluation(
  judged: readonly JudgedMetaItem[],
  { judge, skipped, ...draws }: { readonly judge: string; readonly skipped: number } & BootstrapSettings,
): MetaEvaluation {
  const settings = { ...draws, resamples: draws.resamples ?? RESAMPLES };
  const decided = judged.flatMap(({ item, verdict }) =>
    verdict.status === "scored" ? [{ item, said: verdict.value >= 0.5 }] : [],
  );
  const pairsOf = ({ item, said }: (typeof decided)[number]): readonly Pair[] =>
    item.labels.map((label) => [said, label]);
  const confusions = decided.map((one) => confusionOf(pairsOf(one)));
  const categories = [...new Set(decided.map(({ item }) => item.category))].sort();
  const among = judged.map(({ item: { labels } }) =>
    labels.flatMap((label, i) =>
      labels.flatMap((other, k): readonly Pair[] => (i === k ? [] : [[label, other]])),
    ),
  );
  const majorities = decided.flatMap(({ item, said }) => {
    const lead = item.labels.reduce((sum, label) => sum + (label ? 1 : -1), 0);
    return lead === 0 ? [] : [[Number(said), Number(lead > 0)] as const];
  });
  return {
    ...{ judge, skipped, seed: settings.seed },
    overall: {
      ...agreementOf(confusions),
      interval: macroInterval(confusions, settings),
    },
    categories: categories.map((category) => ({
      category,
      ...agreementOf(confusions.filter((_, i) => decided[i]!.item.category === category)),
    })),
    physicians: {
      ...agreementOf(among.filter((pairs) => pairs.length > 0).map(confusionOf)),
      agreement: percentAgreement(judged.map(({ item }) => item.labels.map(Number))),
    },
    kappa: cohenKappa(majorities),
    failed: countKinds(
      judged.flatMap(({ verdict }) =>
        verdict.status === "failed" ? verdict.kind : verdict.status === "abstained" ? "undecided" : [],
      ),
    ),
  };
}

function confusionOf(pairs: readonly Pair[]): Confusion {
  const count = (first: boolean, second: boolean) =>
    pairs.filter(([a, b]) => a === first && b === second).length;
  return {
    bothMet: count(true, true),
    onlyFirst: count(true, false),
    onlySecond: count(false, true),
    neither: count(false, false),
  };
}

function agreementOf(confusions: readonly Confusion[], weights?: Float64Array): MetaAgreement {
  const sum = (key: keyof Confusion) =>
    confusions.reduce((total, one, i) => total + one[key] * (weights?.[i] ?? 1), 0);
  const [both, first, second, neither] = [
    sum("bothMet"),
    sum("onlyFirst"),
    sum("onlySecond"),
    sum("neither"),
  ];
  // 2 TP / (2 TP + FP + FN); undefined where the class never occurs.
  const f1 = (hits: number) =>
    2 * hits + first + second === 0 ? null : (2 * hits) / (2 * hits + first + second);
  const [f1Met, f1NotMet] = [f1(both), f1(neither)];
  return {
    items: confusions.length,
    pairs: both + first + second + neither,
    macroF1: f1Met === null || f1NotMet === null ? null : (f1Met + f1NotMet) / 2,
    f1Met,
    f1NotMet,
  };
}

function macroInterval(confusions: readonly Confusion[], settings: BootstrapSettings): Interval | null {
  const { macroF1 } = agreementOf(confusions);
  if (macroF1 === null) return null;
  const bounds = bootstrapStrata(
    [confusions.length],
    // A resample without one of the classes says nothing; the whole's value stands in its place.
    (weights) => agreementOf(confusions, weights).macroF1 ?? macroF1,
    settings,
  )!;
  return { value: macroF1, ...bounds, clusters: confusions.length };
}
