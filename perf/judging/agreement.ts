import { fileURLToPath } from "node:url";
import { promptId } from "../../packages/armature/src/data/content-id.ts";
import type { PreferencePair } from "../../packages/armature/src/data/prompt.ts";
import { readRows } from "../../packages/armature/src/data/read-rows.ts";
import { cohenKappa } from "../../packages/armature/src/evaluation/agreement.ts";
import { bootstrapMean, type Interval } from "../../packages/armature/src/evaluation/bootstrap.ts";
import { judgePairsByLanguageModel } from "../../packages/armature/src/judge/pairwise-language-judge.ts";
import { PREDEFINED_RUBRIC } from "../../packages/armature/src/judge/predefined-rubric.ts";
import type { RubricJudge } from "../../packages/armature/src/judge/rubric-judge.ts";
import type { LanguageModel } from "../../packages/armature/src/llm/language-model.ts";
import { mapConcurrently } from "../../packages/armature/src/llm/map-concurrently.ts";
import { writeArmText } from "../../packages/armature/src/rubric/arm-text.ts";
import { readRubricItems } from "../../packages/armature/src/rubric/read-rubric-items.ts";

const DATA = fileURLToPath(new URL("../../../shared/data", import.meta.url));
const SEED = 20_261_125;
/** Rows under way: the engine's model batches what is asked together. */
const CONCURRENCY = 8;

/** How far verdicts agree with those of another judge. */
export interface VerdictAgreement {
  readonly questions: number;
  /** Of the verdicts that were given; an unreadable one agrees with nothing and is counted apart. */
  readonly agreement: Interval | null;
  readonly kappa: number | null;
  /** How often a met criterion's degree is above an unmet one's, ties half: what no threshold can spoil. 0.5 is chance. */
  readonly ranking: number | null;
  readonly sayingYes: number;
  /** What a judge that always says yes would agree. */
  readonly alwaysYes: number;
  readonly failed: Readonly<Record<string, number>>;
}

/** Verdicts on InFoBench's questions about GPT-4's answers beside GPT-4's own verdicts; the interval is over instructions. */
export async function infoBenchAgreement(judge: RubricJudge, limit: number): Promise<VerdictAgreement> {
  const { items } = await readRubricItems(`${DATA}/infobench/infobench.jsonl.gz`);
  const failed: Record<string, number> = {};
  const chosen = spread(items, limit);
  const rows = await mapConcurrently(
    chosen,
    async ({ prompt, rubric, responses }) => {
      const { text: response, verdicts: given = [] } = responses[0]!;
      const { verdicts } = await judge.judge({ prompt: prompt!, rubric, response });
      return verdicts.flatMap((verdict, i) => {
        const theirs = given[i];
        if (verdict.status !== "scored") {
          const kind = verdict.status === "failed" ? verdict.kind : "abstained";
          failed[kind] = (failed[kind] ?? 0) + 1;
        }
        if (theirs?.status !== "scored") return [];
        const degree = verdict.status === "scored" ? verdict.value : null;
        return [{ degree, ours: degree === null ? null : Number(degree >= 0.5), theirs: theirs.value }];
      });
    },
    { concurrency: CONCURRENCY, onResult: (_, i) => say("infobench", i, chosen.length) },
  );
  const all = rows.flat();
  const judged = all.filter(({ ours }) => ours !== null);
  const shareOf = (count: number, of: number) => (of === 0 ? 0 : count / of);
  return {
    questions: all.length,
    agreement: bootstrapMean(
      rows.map((row) => row.flatMap(({ ours, theirs }) => (ours === null ? [] : [Number(ours === theirs)]))),
      { seed: SEED },
    ),
    kappa: cohenKappa(all.map(({ ours, theirs }) => [ours, theirs])),
    ranking: rankingOf(all),
    sayingYes: shareOf(judged.filter(({ ours }) => ours === 1).length, judged.length),
    alwaysYes: shareOf(all.filter(({ theirs }) => theirs === 1).length, all.length),
    failed,
  };
}

function rankingOf(
  rows: readonly { readonly degree: number | null; readonly theirs: number }[],
): number | null {
  const degrees = (theirs: number) =>
    rows.flatMap((row) => (row.theirs === theirs && row.degree !== null ? [row.degree] : []));
  const [met, unmet] = [degrees(1), degrees(0)];
  if (met.length === 0 || unmet.length === 0) return null;
  const above = met.flatMap((a) => unmet.map((b) => (a === b ? 0.5 : Number(a > b))));
  return above.reduce<number>((sum, one) => sum + one, 0) / above.length;
}

/** How far a judge finds the better response of a pair. */
export interface PairAgreement {
  readonly pairs: number;
  /** Right over all judgements in both orders; abstained and failed ones are wrong. The interval is over pairs. */
  readonly accuracy: Interval | null;
  readonly abstained: number;
  readonly failed: Readonly<Record<string, number>>;
}

/** LLMBar's pairs, read side by side in both orders by four generic criteria. */
export async function llmBarPairwise(model: LanguageModel, limit: number): Promise<PairAgreement> {
  const pairs = await llmBarPairs(limit);
  const rubric = writeArmText({
    criteria: PREDEFINED_RUBRIC.criteria.map(({ text }) => ({ text, kind: "principle" as const })),
  });
  let done = 0;
  const outcomes = await judgePairsByLanguageModel({
    ...{ model, pairs, orders: "both", votes: 1, temperature: 0, seed: SEED, furtherTries: 0 },
    rubrics: new Map(pairs.map(({ prompt }) => [prompt.id, rubric])),
    maxTokens: 384,
    concurrency: CONCURRENCY,
    onOutcome: () => say("llmbar pairwise", done++, 2 * pairs.length),
  });
  const failed: Record<string, number> = {};
  for (const { verdict } of outcomes)
    if (verdict.status === "failed") failed[verdict.kind] = (failed[verdict.kind] ?? 0) + 1;
  const right = pairs.map((_, i) =>
    outcomes
      .filter(({ pairIndex }) => pairIndex === i)
      .map(({ verdict }) => Number(verdict.status === "scored" && verdict.winner === "chosen")),
  );
  const abstained = outcomes.filter(({ verdict }) => verdict.status === "abstained").length;
  return { pairs: pairs.length, accuracy: bootstrapMean(right, { seed: SEED }), abstained, failed };
}

/** LLMBar's pairs, each response judged alone by four generic criteria; equal sums are half right. */
export async function llmBarPointwise(judge: RubricJudge, limit: number): Promise<PairAgreement> {
  const pairs = await llmBarPairs(limit);
  const failed: Record<string, number> = {};
  const sumOf = async ({ prompt }: PreferencePair, response: string): Promise<number | null> => {
    const { verdicts } = await judge.judge({ prompt, response, rubric: PREDEFINED_RUBRIC });
    let sum = 0;
    for (const verdict of verdicts) {
      if (verdict.status === "scored") sum += verdict.value;
      else {
        const kind = verdict.status === "failed" ? verdict.kind : "abstained";
        failed[kind] = (failed[kind] ?? 0) + 1;
        return null;
      }
    }
    return sum;
  };
  let ties = 0;
  const right = await mapConcurrently(
    pairs,
    async (pair) => {
      const [chosen, rejected] = [await sumOf(pair, pair.chosen), await sumOf(pair, pair.rejected)];
      if (chosen === null || rejected === null) return [0];
      if (chosen === rejected) ties++;
      return [chosen === rejected ? 0.5 : Number(chosen > rejected)];
    },
    { concurrency: CONCURRENCY, onResult: (_, i) => say("llmbar pointwise", i, pairs.length) },
  );
  return { pairs: pairs.length, accuracy: bootstrapMean(right, { seed: SEED }), abstained: ties, failed };
}

async function llmBarPairs(limit: number): Promise<readonly PreferencePair[]> {
  const pairs: PreferencePair[] = [];
  for await (const { line, value } of readRows(`${DATA}/llmbar/llmbar.jsonl.gz`)) {
    const messages = [{ role: "user" as const, content: String(value["input"]) }];
    const [first, second] = [String(value["output_1"]), String(value["output_2"])];
    const [chosen, rejected] = value["label"] === 1 ? [first, second] : [second, first];
    pairs.push({ id: `llmbar-${line}`, prompt: { id: promptId(messages), messages }, chosen, rejected });
  }
  return spread(pairs, limit);
}

/** So many items, evenly from the whole list, whose parts are subsets. */
function spread<T>(items: readonly T[], limit: number): readonly T[] {
  if (items.length <= limit) return items;
  return Array.from({ length: limit }, (_, i) => items[Math.floor((i * items.length) / limit)]!);
}

function say(what: string, index: number, total: number): void {
  if ((index + 1) % 10 === 0) process.stderr.write(`${what}: ${index + 1} of ${total}\n`);
}
