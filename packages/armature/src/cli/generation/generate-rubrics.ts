import { RowFault } from "../../data/row-fields.ts";
import { writeRows } from "../../data/write-rows.ts";
import type { FailureKind } from "../../failure.ts";
import type { WriterSettings } from "../../generate/ask-for-rubric.ts";
import { type Contrast, contrast, taggedText } from "../../generate/contrast.ts";
import { contrastiveWriter } from "../../generate/contrastive-writer.ts";
import { countKinds } from "../../generate/count-kinds.ts";
import { promptOnlyWriter } from "../../generate/generator-writer.ts";
import { initialWriter } from "../../generate/initial-writer.ts";
import { languagePairJudge } from "../../generate/language-pair-judge.ts";
import { rankResponses } from "../../generate/rank-responses.ts";
import type { RarPresetName } from "../../generate/rar-presets.ts";
import { rarWriter } from "../../generate/rar-writer.ts";
import type { RubricWriter, RubricWriting } from "../../generate/rubric-writer.ts";
import type { LanguageModel } from "../../llm/language-model.ts";
import type { RubricItem } from "../../rubric/rubric-item.ts";
import { kindsLine } from "./count-text.ts";
import type { GenerationJob, RowOutcome } from "./generation-job.ts";
import type { InputRow, InputRows, RowNeed } from "./input-rows.ts";

/** Methods of `armature rubrics generate` with a language model. */
export const METHODS = ["rar", "crg", "rtd-initial", "arm"] as const;

/** How rubrics are to be written. */
export interface GenerationPlan {
  readonly method: (typeof METHODS)[number];
  readonly model: string;
  /** Judges the pairs of `crg`; null leaves the label filter out. */
  readonly judge: string | null;
  readonly preset: RarPresetName;
  readonly ranked: boolean;
  readonly tau: number;
  readonly temperature: number;
  readonly maxTokens: number | undefined;
  readonly furtherTries: number | undefined;
  readonly seed: number;
  /** Where the pairs that `crg` keeps go. */
  readonly pairs: string | null;
}

/** What a method needs of a row. */
export function needOf({ method, ranked }: GenerationPlan): RowNeed {
  return ({ responses }) => {
    if (method !== "crg") return;
    const ranking = rankResponses(responses, ranked);
    if (!ranking.ok) throw new RowFault("missing-field", "responses", ranking.fault);
  };
}

/** Calls of a job where every reply can be read at once: writings, and judgements of pairs. */
export function plannedCalls(plan: GenerationPlan, rows: readonly InputRow[]) {
  const pairs = plan.method === "crg" && plan.judge !== null ? rows.map((row) => pairsOf(plan, row)) : [];
  return { rubrics: rows.length, judgements: pairs.reduce((sum, count) => sum + count, 0) };
}

function pairsOf(plan: GenerationPlan, row: InputRow): number {
  const count = rankedOf(plan, row).length;
  return (count * (count - 1)) / 2;
}

function rankedOf({ ranked }: GenerationPlan, { responses }: InputRow): readonly string[] {
  const ranking = rankResponses(responses, ranked);
  return ranking.ok ? ranking.ranked.map(({ text }) => text) : [];
}

/** The job as `runGenerationJob` does it. */
export function rubricJob(plan: GenerationPlan, { rows, skipped }: InputRows): GenerationJob<Contrast> {
  const { method, model, judge, temperature, maxTokens, furtherTries, seed, tau } = plan;
  const filtered = method === "crg" && judge !== null;
  return {
    phase: "rubrics",
    specs: filtered ? [model, judge] : [model],
    rows,
    skipped,
    settings: {
      ...{ method, temperature, seed },
      ...{ maxTokens: maxTokens ?? null, furtherTries: furtherTries ?? null },
      preset: method === "rar" ? plan.preset : null,
      ranked: method === "crg" && plan.ranked,
      tau: filtered ? tau : null,
    },
    start([writing, judging]) {
      const writer = writerOf(plan, writing!);
      const consistency =
        judging === undefined ? null : { judge: languagePairJudge({ model: judging, seed }), tau };
      return async (row, options) => {
        if (method === "crg")
          return contrast(row.prompt, rankedOf(plan, row), { writer, consistency }, options);
        const task = { prompt: row.prompt, ...(row.reference !== null && { reference: row.reference }) };
        const written = await writer.write(task, options);
        return { writing: written, consistency: null, usage: written.usage };
      };
    },
    failuresOf: ({ writing, consistency }) => [
      ...(writing.status === "failed" ? [writing.kind] : []),
      ...(consistency?.pairs ?? []).flatMap(({ verdict }): FailureKind[] =>
        verdict.status === "failed" ? [verdict.kind] : [],
      ),
    ],
    outcomeOf: (result, row) => outcomeOf(plan, result, row),
    summarise: (results) => summarise(results),
    ...(plan.pairs !== null && {
      writeMore: (done) =>
        writeRows(
          plan.pairs!,
          done.flatMap(({ result, row }) => keptPairs(plan, result, row)),
        ),
    }),
  };
}

function writerOf(plan: GenerationPlan, model: LanguageModel): RubricWriter {
  const { method, temperature, maxTokens, furtherTries, seed, preset } = plan;
  const settings: WriterSettings = {
    ...{ model, temperature, seed },
    ...(maxTokens !== undefined && { maxTokens }),
    ...(furtherTries !== undefined && { furtherTries }),
  };
  if (method === "rar") return rarWriter(settings, preset);
  if (method === "crg") return contrastiveWriter(settings);
  return method === "arm" ? promptOnlyWriter(settings) : initialWriter(settings);
}

function outcomeOf(
  plan: GenerationPlan,
  { writing, consistency, usage }: Contrast,
  row: InputRow,
): RowOutcome {
  const { id, line, prompt, reference, responses } = row;
  const trace = { tries: writing.replies.length, faults: writing.faults, repairs: writing.repairs, usage };
  const place = { id, line, prompt: prompt.messages, method: plan.method };
  if (writing.status === "failed") {
    const { kind, detail, replies } = writing;
    return { failure: { ...place, kind, detail, ...trace, replies } };
  }
  const kept = consistency?.pairs.filter(({ discarded }) => discarded === null).length;
  if (kept === 0) {
    const { pairs, accuracy } = consistency!;
    const detail = "no pair of the ranking is kept by the label filter";
    return {
      failure: { ...place, kind: "discarded", detail, accuracy, pairs, rubric: writing.rubric, ...trace },
    };
  }
  const item: RubricItem = {
    ...{ id, prompt, reference, responses },
    rubric: writing.rubric,
    extra: {
      generation: {
        method: plan.method,
        ...(plan.method === "rar" && { preset: plan.preset, grounded: reference !== null }),
        ...trace,
        ...(consistency !== null && {
          labelConsistency: {
            tau: plan.tau,
            accuracy: consistency.accuracy,
            pairs: consistency.pairs.map(({ replies: _, ...pair }) => pair),
          },
        }),
      },
    },
  };
  return { row: item };
}

/** Rows in OpenRubrics' layout, the responses where the judge saw them: training data for a judge and for a generator. */
function keptPairs(plan: GenerationPlan, { writing, consistency }: Contrast, row: InputRow): object[] {
  if (writing.status === "failed" || consistency === null) return [];
  const ranked = rankedOf(plan, row);
  return consistency.pairs.flatMap(({ better, worse, discarded, order, replies }) => {
    if (discarded !== null) return [];
    const [a, b] = order === "given" ? [better, worse] : [worse, better];
    return {
      id: row.id,
      prompt: row.prompt.messages,
      response_a: ranked[a]!,
      response_b: ranked[b]!,
      winner: order === "given" ? "A" : "B",
      rubric: taggedText(writing.rubric),
      judgement: replies.at(-1) ?? null,
    };
  });
}

function summarise(results: readonly Contrast[]) {
  const writings = results.map(({ writing }) => writing);
  const failed = writings.flatMap((writing) => (writing.status === "failed" ? [writing.kind] : []));
  const written = results.length - failed.length;
  const faults = writings.flatMap((writing) => writing.faults);
  const repairs = writings.flatMap((writing) => writing.repairs);
  const pairs = results.flatMap(({ consistency }) => consistency?.pairs ?? []);
  const reasons = pairs.flatMap(({ discarded }) => discarded ?? []);
  const discardRate = pairs.length === 0 ? null : reasons.length / pairs.length;
  const rows = results.filter(({ consistency }) =>
    consistency?.pairs.every(({ discarded }) => discarded !== null),
  );
  return {
    lines: [
      `${written} of ${results.length} rubrics written`,
      ...kindsLine("failed", failed),
      ...kindsLine(`replies that could not be read (of ${replyCount(writings)})`, faults),
      ...kindsLine("mended", repairs),
      ...(discardRate === null
        ? []
        : [
            `label filter: ${reasons.length} of ${pairs.length} pairs discarded (${(100 * discardRate).toFixed(1)} %), ${rows.length} rubrics without any pair`,
            ...kindsLine("discarded", reasons),
          ]),
    ],
    counts: {
      ...{ rows: results.length, written, failed: countKinds(failed) },
      ...{ replies: replyCount(writings), faults: countKinds(faults), repairs: countKinds(repairs) },
      ...(discardRate !== null && {
        labelFilter: {
          pairs: pairs.length,
          discardRate,
          discarded: countKinds(reasons),
          rubricsWithoutPair: rows.length,
        },
      }),
    },
  };
}

const replyCount = (writings: readonly RubricWriting[]): number =>
  writings.reduce((sum, { replies }) => sum + replies.length, 0);
