import { countKinds } from "../../packages/armature/src/generate/count-kinds.ts";
import {
  chasingTheTail,
  chasingTheTailProtocol,
  chasingTheTailSum,
  contrast,
  contrastiveWriter,
  criterionJudge,
  improvingWriter,
  initialWriter,
  type LanguageModel,
  languagePairJudge,
  mapConcurrently,
  type Refinement,
  type RubricWriter,
  type RubricWriting,
  refineRubric,
} from "../../packages/armature/src/index.ts";
import type { AlpacaRow } from "./alpaca-rows.ts";

/** How far a model is taken; a small one on a processor gets less. */
export interface GenerationSize {
  /** Answers that the rubric has to tell apart, of so many models. */
  readonly candidates: number;
  readonly rounds: number;
  readonly excludeUsed: boolean;
  /** Places of `AlpacaRow.ranked` that contrast starts from. */
  readonly ranked: readonly number[];
  readonly rubricTokens: number;
  readonly judgementTokens: number;
  readonly furtherTries: number;
  readonly concurrency: number;
}

/**
 * Runs refinement and contrastive generation on the prompts and counts what each step could not read. Where the model's own
 * first or contrastive rubric fails, the lender writes it, so that the steps after it are measured too.
 */
export async function measureGeneration(
  model: LanguageModel,
  lender: LanguageModel | null,
  rows: readonly AlpacaRow[],
  size: GenerationSize,
  say: (line: string) => void,
) {
  const settings = { model, maxTokens: size.rubricTokens, furtherTries: size.furtherTries };
  const steps = new Steps();
  const began = performance.now();
  let done = 0;
  const outcomes = await mapConcurrently(
    rows,
    async ({ prompt, great, ranked }) => {
      const refinement = await refineRubric(
        { prompt, rubric: null, candidates: great.slice(0, size.candidates) },
        {
          initial: steps.watch(
            "initial rubric",
            initialWriter(settings),
            lender && initialWriter({ model: lender }),
          ),
          proposer: steps.watch("improvement", improvingWriter(settings)),
          verifier: criterionJudge({
            model,
            protocol: chasingTheTailProtocol({ missingIsNo: true }),
            maxTokens: size.judgementTokens,
          }),
          score: chasingTheTailSum,
          normalisedScore: chasingTheTail,
          rounds: size.rounds,
          excludeUsed: size.excludeUsed,
        },
      );
      const contrasted = await contrast(
        prompt,
        size.ranked.map((place) => ranked[place]!),
        {
          writer: steps.watch(
            "contrastive rubric",
            contrastiveWriter(settings),
            lender && contrastiveWriter({ model: lender }),
          ),
          consistency: {
            judge: languagePairJudge({ model, seed: 0, maxTokens: size.judgementTokens * 2 }),
            tau: 0.5,
          },
        },
      );
      say(
        `${model.id}: ${++done} of ${rows.length} prompts, ${Math.round((performance.now() - began) / 1000)} s`,
      );
      return { refinement, contrasted };
    },
    { concurrency: size.concurrency },
  );
  const refinements = outcomes.map(({ refinement }) => refinement);
  const pairs = outcomes.flatMap(({ contrasted }) => contrasted.consistency?.pairs ?? []);
  const usages = outcomes.flatMap(({ refinement, contrasted }) => [refinement.usage, contrasted.usage]);
  const sum = (of: "promptTokens" | "completionTokens" | "calls") =>
    usages.reduce((total, usage) => total + usage[of], 0);
  return {
    model: model.id,
    lender: lender?.id ?? null,
    prompts: outcomes.length,
    size,
    seconds: Math.round((performance.now() - began) / 1000),
    calls: sum("calls"),
    promptTokens: sum("promptTokens"),
    completionTokens: sum("completionTokens"),
    writing: steps.counts(),
    verification: verification(refinements),
    refinement: rounds(refinements),
    labelFilter: {
      pairs: pairs.length,
      discarded: countKinds(pairs.flatMap(({ discarded }) => discarded ?? [])),
      discardRate: share(pairs, ({ discarded }) => discarded !== null),
      parseFailureRate: share(
        pairs,
        ({ verdict }) => verdict.status === "failed" && verdict.kind === "parse",
      ),
    },
  };
}

/** Null where there is nothing to count. */
function share<T>(items: readonly T[], holds: (item: T) => boolean): number | null {
  return items.length === 0 ? null : items.filter(holds).length / items.length;
}

/** Judgements of candidates: those without a score, and rounds that had too few. */
function verification(refinements: readonly Refinement[]) {
  const all = refinements.flatMap(({ differentiated }) => differentiated?.rounds ?? []);
  const scores = all.flatMap((round) => round.scores ?? []);
  const failures = all.flatMap((round) => round.failures).filter(({ step }) => step === "score");
  return {
    judgements: scores.length,
    withoutScore: scores.filter(({ score }) => score === null).length,
    failures: countKinds(failures.map(({ kind }) => kind)),
    parseFailureRate:
      scores.length === 0 ? null : failures.filter(({ kind }) => kind === "parse").length / scores.length,
  };
}

function rounds(refinements: readonly Refinement[]) {
  const all = refinements.flatMap(({ differentiated }) => differentiated?.rounds ?? []);
  const refined = refinements.filter(({ differentiated }) =>
    differentiated?.rounds.some(({ outcome }) => outcome === "improved"),
  );
  const criteria = refined.map(({ differentiated }) => differentiated!.rubric.criteria.length);
  return {
    rounds: all.length,
    improved: all.filter(({ outcome }) => outcome === "improved").length,
    keptForWantOfScores: all.filter(({ pair }) => pair === null).length,
    refinedPrompts: refined.length,
    meanCriteria: criteria.length === 0 ? null : criteria.reduce((a, b) => a + b, 0) / criteria.length,
  };
}

/** Writings by step: replies, those that could not be read, by kind, and writings that failed after all tries. */
class Steps {
  readonly #writings = new Map<string, RubricWriting[]>();

  /** Counts the writer's own writings; the lender's stand in where they failed and are not counted. */
  watch(step: string, writer: RubricWriter, lender: RubricWriter | null = null): RubricWriter {
    return {
      id: writer.id,
      write: async (task, options) => {
        const writing = await writer.write(task, options);
        this.#writings.set(step, [...(this.#writings.get(step) ?? []), writing]);
        return writing.status === "written" || lender === null ? writing : lender.write(task, options);
      },
    };
  }

  counts() {
    return Object.fromEntries(
      [...this.#writings].map(([step, writings]) => {
        const replies = writings.reduce((sum, each) => sum + each.replies.length, 0);
        const faults = writings.flatMap((each) => each.faults);
        return [
          step,
          {
            writings: writings.length,
            written: writings.filter(({ status }) => status === "written").length,
            failed: countKinds(writings.flatMap((each) => (each.status === "failed" ? [each.kind] : []))),
            replies,
            unreadable: countKinds(faults),
            parseFailureRate: replies === 0 ? null : faults.length / replies,
            mended: countKinds(writings.flatMap((each) => each.repairs)),
          },
        ];
      }),
    );
  }
}
