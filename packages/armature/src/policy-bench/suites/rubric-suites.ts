import type { JsonlRow } from "../../data/read-jsonl.ts";
import { RowFault } from "../../data/row-fields.ts";
import type { CriterionVerdict } from "../../judge/criterion-verdict.ts";
import { type JudgeMode, judgeOfMode } from "../../judge/judge-modes.ts";
import type { RubricJudge } from "../../judge/rubric-judge.ts";
import { healthBenchTagScores } from "../../reward/healthbench-set.ts";
import { clamped, healthBench } from "../../reward/points-share.ts";
import { detectFormat } from "../../rubric/detect-format.ts";
import { helloBenchFormat, infoBenchFormat } from "../../rubric/formats/checklists.ts";
import { bigGenFormat } from "../../rubric/formats/graded-levels.ts";
import { healthBenchFormat } from "../../rubric/formats/healthbench.ts";
import { multiChallengeFormat } from "../../rubric/formats/multi-challenge.ts";
import type { RubricFormat } from "../../rubric/formats/rubric-format.ts";
import type { RubricItem, RubricResponse } from "../../rubric/rubric-item.ts";
import type { Grade, Mark, Measure, PolicySuite, PolicyTask } from "../policy-suite.ts";

/** The measures of a response whose criteria were judged. `subset` is the task's own. */
type Marking = (item: RubricItem, verdicts: readonly CriterionVerdict[], subset: string) => readonly Mark[];

interface RubricSuiteParts {
  readonly name: string;
  readonly title: string;
  readonly files: readonly string[];
  readonly unquoted?: boolean;
  /** Null tells it row by row. */
  readonly format: RubricFormat | null;
  readonly mode: JudgeMode;
  readonly measures: readonly Measure[];
  readonly subsetOf: (row: JsonlRow["value"]) => string;
  readonly marks: Marking;
}

function rubricSuite({ format, mode, subsetOf, marks, ...rest }: RubricSuiteParts): PolicySuite {
  return {
    ...rest,
    maxTokens: 2048,
    runsDiffer: false,
    judge: (model) => judgeOfMode({ mode, model }),
    read: (row, { run }) => {
      const items = (format ?? formatOf(row)).read(row.value);
      return items.map((item) => rubricTask(row, item, run, subsetOf(row.value), marks));
    },
  };
}

function formatOf({ value }: JsonlRow): RubricFormat {
  const detection = detectFormat([value]);
  if (detection.found) return detection.format;
  throw new RowFault(
    "bad-rubric",
    "the row",
    "is in no known format of rubrics; see armature rubrics import",
  );
}

function rubricTask(
  { file, line }: JsonlRow,
  item: RubricItem,
  run: number,
  subset: string,
  marks: Marking,
): PolicyTask {
  const { prompt, reference, rubric } = item;
  if (prompt === null) throw new RowFault("missing-field", "prompt", "is missing; a policy needs one");
  return {
    id: run === 0 ? item.id : `${item.id}#${run + 1}`,
    ...{ question: item.id, run, subset, prompt, source: { file, line } },
    // An answer known to be good is a policy to compare with, as HealthBench does with physicians' own.
    given: [...item.responses, ...(reference === null ? [] : [{ text: reference, model: "reference" }])],
    async grade(response, judge, signal) {
      const verdicts = await verdictsOf(item, response, judge, {
        task: { prompt, response: response.text, rubric, ...(reference !== null && { reference }) },
        ...(signal !== undefined && { signal }),
      });
      return gradeOf(marks(item, verdicts, subset), verdicts);
    },
  };
}

async function verdictsOf(
  { id, rubric }: RubricItem,
  { verdicts }: RubricResponse,
  judge: RubricJudge | null,
  { task, signal }: { readonly task: Parameters<RubricJudge["judge"]>[0]; readonly signal?: AbortSignal },
): Promise<readonly CriterionVerdict[]> {
  if (judge !== null) {
    const judgement = await judge.judge(task, signal === undefined ? {} : { signal });
    return judgement.verdicts;
  }
  if (verdicts === undefined) throw new RowFault("missing-field", `verdicts of ${id}`, "are missing");
  return rubric.criteria.map(
    (_, i): CriterionVerdict => verdicts[i] ?? { status: "abstained", reason: "the file says nothing of it" },
  );
}

function gradeOf(marks: readonly Mark[], verdicts: readonly CriterionVerdict[]): Grade {
  const failedVerdicts = verdicts.flatMap((verdict) => (verdict.status === "failed" ? [verdict.kind] : []));
  const met = verdicts.filter((verdict) => verdict.status === "scored" && verdict.value >= 0.5).length;
  const made = verdicts.filter(({ status }) => status === "scored").length;
  return {
    marks,
    note: `${met} of ${made} judged criteria met`,
    ...(failedVerdicts.length > 0 && { failedVerdicts }),
  };
}

const share = (over: Measure["over"], label: string): readonly Measure[] => [
  { name: "score", label, format: "percent", over },
];

/** The score as a whole and in the task's own group; nothing where there is none. */
function scored(score: number | null, group: string): readonly Mark[] {
  return score === null ? [] : [null, group].map((one) => ({ measure: "score", group: one, value: score }));
}

const fieldOr = (field: string, other: string) => (row: JsonlRow["value"]) =>
  typeof row[field] === "string" && row[field].trim() !== "" ? row[field] : other;

/**
 * HealthBench (Arora et al. 2025): met points over positive points; the mean over conversations is clipped to 0 … 1, single
 * scores are not. By theme (tags of the conversation) and by axis (tags of criteria).
 */
export const healthbench = rubricSuite({
  name: "healthbench",
  title: "HealthBench",
  files: ["healthbench/healthbench_rubrics.jsonl.gz"],
  unquoted: true,
  format: healthBenchFormat,
  mode: "healthbench",
  measures: [{ name: "score", label: "score, clipped mean", format: "percent", over: "marks", clip: [0, 1] }],
  subsetOf: (row) => themesOf(row)[0] ?? "without theme",
  marks(item, verdicts) {
    const { score } = healthBench(item.rubric, verdicts);
    if (score === null) return [];
    const mark = (group: string | null, value: number): Mark => ({ measure: "score", group, value });
    const axes = [...healthBenchTagScores(item.rubric, verdicts)].flatMap(([tag, value]) =>
      tag.startsWith("axis:") && value !== null ? [mark(tag, value)] : [],
    );
    return [mark(null, score), ...themesOf(item.extra ?? {}).map((theme) => mark(theme, score)), ...axes];
  },
});

function themesOf(row: Readonly<Record<string, unknown>>): readonly string[] {
  const tags = row["example_tags"];
  if (!Array.isArray(tags)) return [];
  return tags.filter((tag): tag is string => typeof tag === "string" && tag.startsWith("theme:"));
}

/** BiGGen-Bench (Kim et al. 2024): a score of 1 to 5 by an instance's own five levels. */
export const biggen = rubricSuite({
  name: "biggen",
  title: "BiGGen-Bench",
  files: ["biggen-bench/biggen.jsonl.gz"],
  format: bigGenFormat,
  mode: "criteria",
  measures: [{ name: "score", label: "mean score, 1 to 5", format: "number", over: "marks" }],
  subsetOf: fieldOr("capability", "all"),
  marks: (_, [verdict], subset) =>
    scored(verdict?.status === "scored" ? 1 + 4 * verdict.value : null, subset),
});

/** HelloBench (Que et al. 2024): share of an instruction's checklist; plain, since its fitted weights are not in its data. */
export const hellobench = rubricSuite({
  name: "hellobench",
  title: "HelloBench",
  files: ["hellobench/chat.jsonl.gz", "hellobench/heuristic_text_generation.jsonl.gz"],
  format: helloBenchFormat,
  mode: "criteria",
  measures: share("marks", "mean share of the checklist"),
  subsetOf: fieldOr("category", "all"),
  marks: ({ rubric }, verdicts, subset) => scored(clamped(rubric, verdicts).score, subset),
});

/** MultiChallenge (Sirdeshmukh et al. 2025): whether the last turn passes its one question; plain mean of the four axes. */
export const multiChallenge = rubricSuite({
  name: "multichallenge",
  title: "MultiChallenge",
  files: ["ifeval-ifbench/multichallenge.jsonl.gz"],
  format: multiChallengeFormat,
  mode: "criteria",
  measures: share("groups", "mean of the axes' pass rates"),
  subsetOf: fieldOr("AXIS", "all"),
  marks({ rubric }, [verdict], subset) {
    if (verdict?.status !== "scored") return [];
    const passes = rubric.criteria[0]!.polarity === "good" ? verdict.value >= 0.5 : verdict.value < 0.5;
    return scored(Number(passes), subset);
  },
});

/** InFoBench (Qin et al. 2024): decomposed requirements followed ratio, over all questions. */
export const infobench = rubricSuite({
  name: "infobench",
  title: "InFoBench",
  files: ["infobench/infobench.jsonl.gz"],
  format: infoBenchFormat,
  mode: "criteria",
  measures: share("marks", "decomposed requirements followed"),
  subsetOf: fieldOr("subset", "all"),
  marks: (_, verdicts, subset) =>
    verdicts.flatMap((verdict) => (verdict.status === "scored" ? scored(verdict.value, subset) : [])),
});

/** Rows of the user's own with prompts and rubrics of any known format. */
export const ownRubrics = rubricSuite({
  name: "rubrics",
  title: "Rubrics",
  files: [],
  format: null,
  mode: "criteria",
  measures: share("marks", "mean of the clamped share of points"),
  subsetOf: () => "all",
  marks: ({ rubric }, verdicts) => {
    const { score } = clamped(rubric, verdicts);
    return score === null ? [] : [{ measure: "score", group: null, value: score }];
  },
});
