import { resolve } from "node:path";
import { ConfigError } from "../../errors.ts";
import type { CriterionVerdict } from "../../judge/criterion-verdict.ts";
import { isRatingMode, type JudgeMode } from "../../judge/judge-modes.ts";
import { diffJudgements } from "../../judge/judgement-diff.ts";
import { criterionRows, type JudgementRow, judgementKey } from "../../judge/judgement-row.ts";
import type { PanelJudgement } from "../../judge/panel-judge.ts";
import type { RubricJudge, RubricJudgement } from "../../judge/rubric-judge.ts";
import { mapConcurrently } from "../../llm/map-concurrently.ts";
import { healthBenchTagScores } from "../../reward/healthbench-set.ts";
import { scoreJudgement } from "../../reward/reward-model.ts";
import type { Rubric } from "../../rubric/rubric.ts";
import type { CommandContext } from "../command.ts";
import { countingModel } from "./counting-model.ts";
import { judgeOf } from "./judge-of.ts";
import { type JudgingOptions, type Scoring, scoringOf } from "./judging-options.ts";
import { judgingSession } from "./judging-session.ts";
import { judgingSummary, printSummary } from "./judging-summary.ts";
import { printDiff } from "./print-diff.ts";
import { readJudgements } from "./read-judgements.ts";
import { type ResponseRow, readResponseRows } from "./response-rows.ts";

const SHOWN_SKIPPED = 5;

/** `armature judge FILE --model …`: every response of every row against its rubric. */
export async function judgeResponseRows(
  file: string,
  options: JudgingOptions,
  context: CommandContext,
): Promise<void> {
  const { cwd } = context.terminal;
  const mode = (options.mode ?? "criteria") as JudgeMode;
  const scoring = scoringOf(mode, options);
  refusePairOptions(options);
  const { rows, skipped } = await readResponseRows(file, mode, options, cwd);
  const earlier = options.rejudge === undefined ? null : await readJudgements(resolve(cwd, options.rejudge));
  for (const { rubric } of rows) checkScoring(rubric, scoring, mode);
  // A judge that cannot be made is refused before models are loaded.
  judgeOf(
    mode,
    (options.model ?? []).map(() => countingModel().model),
    options,
  );
  await judgingSession(rows.length, options, context, async (session) => {
    const judge = judgeOf(mode, session.models, options);
    const judged = await mapConcurrently(
      rows,
      async (row, _, signal) => judgementRow(row, judge, scoring, await judge.judge(row, { signal })),
      {
        concurrency: session.concurrency,
        signal: session.signal,
        onResult: ({ verdicts, rating }) => session.done(rating === null ? verdicts : [rating]),
      },
    );
    const summary = judgingSummary(judged, session.usage(), session.seconds(), options.seed);
    const diff = earlier === null ? null : diffJudgements(earlier, judged);
    return {
      rows: judged,
      summary: { ...summary, skipped, ...(diff !== null && { rejudged: diff }) },
      lines: [
        ...(diff === null ? [] : [printDiff(diff)]),
        printSummary(summary),
        ...(skipped.length === 0 ? [] : ["rows left out:", ...skipped.slice(0, SHOWN_SKIPPED)]),
        ...(skipped.length > SHOWN_SKIPPED ? [`and ${skipped.length - SHOWN_SKIPPED} more`] : []),
      ].join("\n"),
    };
  });
}

function judgementRow(
  row: ResponseRow,
  judge: RubricJudge,
  { name, aggregate, ratingReward }: Scoring,
  judgement: RubricJudgement,
): JudgementRow {
  const { score, coverage } = scoreJudgement(row.rubric, judgement, aggregate, ratingReward);
  return {
    key: judgementKey(row.prompt.id, row.response),
    id: row.id,
    line: row.line,
    response: row.place,
    model: row.model,
    score,
    coverage,
    verdicts: criterionRows(row.rubric, judgement.verdicts),
    rating: judgement.rating,
    ...(name === "healthbench" && {
      tagScores: Object.fromEntries(healthBenchTagScores(row.rubric, judgement.verdicts)),
    }),
    ...(isPanel(judgement) && { panel: judgement.members.map(valuesOf) }),
    usage: judgement.usage,
    judge: judge.id,
    aggregate: name,
  };
}

function isPanel(judgement: RubricJudgement): judgement is PanelJudgement {
  return "members" in judgement;
}

/** Values of the criteria, or the one rating; null where there is none. */
function valuesOf({ verdicts, rating }: RubricJudgement): readonly (number | null)[] {
  if (rating !== null) return [rating.status === "scored" ? rating.rating : null];
  return verdicts.map((verdict) => (verdict.status === "scored" ? verdict.value : null));
}

/** An aggregation that cannot work on a rubric is found before anything is paid for. */
function checkScoring(rubric: Rubric, { aggregate }: Scoring, mode: JudgeMode): void {
  const nothing: CriterionVerdict = { status: "abstained", reason: null };
  if (!isRatingMode(mode))
    aggregate(
      rubric,
      rubric.criteria.map(() => nothing),
    );
}

function refusePairOptions({ order, votes }: JudgingOptions): void {
  if (votes > 1)
    throw new ConfigError("--votes is for pairs; give --mode pairwise, or several --model as a panel");
  if (order !== "both") throw new ConfigError("--order is for pairs; give --mode pairwise");
}
