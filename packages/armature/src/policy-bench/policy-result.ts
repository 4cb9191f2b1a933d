import { lastUserTurn } from "../data/prompt.ts";
import {
  type BootstrapSettings,
  bootstrapMean,
  bootstrapStrata,
  type Interval,
} from "../evaluation/bootstrap.ts";
import { wilsonInterval } from "../evaluation/significance.ts";
import { countKinds } from "../generate/count-kinds.ts";
import type { GradedTask } from "./grade-policy.ts";
import type { Mark, Measure, PolicySuite } from "./policy-suite.ts";

/** A measure's value with its 95 % interval over questions, and the marks behind it. */
export interface MeasuredValue {
  readonly measure: string;
  readonly label: string;
  readonly count: number;
  /** Null where nothing was measured. */
  readonly value: Interval | null;
}

/** One task in a result, for readers of `result.json`. */
export interface PolicyRow {
  readonly id: string;
  readonly question: string;
  readonly run: number;
  readonly subset: string;
  /** Start of the last user's turn (null where the suite is not to be quoted), and where the question stands. */
  readonly prompt: string | null;
  readonly source: string;
  readonly status: "graded" | "unmeasured" | "failed" | "missing";
  readonly note: string;
  /** The task's own mean of each measure. */
  readonly values: Readonly<Record<string, number>>;
  /** Characters of the response. */
  readonly length: number | null;
}

/** What a policy reached on a suite; `result.json` is this object. */
export interface PolicyResult {
  readonly suite: string;
  readonly policy: string;
  /** Null where a program graded, or the file's own verdicts were taken. */
  readonly judge: string | null;
  readonly files: readonly string[];
  readonly seed: number;
  readonly questions: number;
  readonly runs: number;
  readonly measures: readonly MeasuredValue[];
  readonly groups: readonly (MeasuredValue & { readonly group: string })[];
  readonly responses: {
    readonly graded: number;
    /** With a response of which nothing could be measured. */
    readonly unmeasured: number;
    readonly missing: number;
    readonly failed: Readonly<Record<string, number>>;
    /** Stopped at the length limit, where that is known. */
    readonly cutOff: number;
    /** Mean characters. */
    readonly meanLength: number | null;
  };
  /** Graded as wrong because no answer could be read, by reason. */
  readonly unreadable: Readonly<Record<string, number>>;
  readonly failedVerdicts: Readonly<Record<string, number>>;
  /** Rows of the files that were left out. */
  readonly skipped: number;
  readonly seconds: number;
  readonly rows: readonly PolicyRow[];
}

/** What a result is made of beside the graded tasks. */
export interface PolicyFacts extends BootstrapSettings {
  readonly policy: string;
  readonly judge: string | null;
  readonly files: readonly string[];
  readonly runs: number;
  readonly skipped: number;
  readonly seconds: number;
}

const EXCERPT = 200;
/** Leaves each bound uncertain by some 3 % of the interval's width. */
const RESAMPLES = 2000;

/** Sums graded tasks up. */
export function policyResult(
  suite: PolicySuite,
  graded: readonly GradedTask[],
  { policy, judge, files, runs, skipped, seconds, ...draws }: PolicyFacts,
): PolicyResult {
  const settings = { ...draws, resamples: draws.resamples ?? RESAMPLES };
  const marks = graded.flatMap(({ task, grade }) =>
    (grade?.marks ?? []).map((mark) => ({ ...mark, question: task.question })),
  );
  const lengths = graded.flatMap(({ answer }) =>
    answer.status === "answered" ? [answer.response.text.length] : [],
  );
  const rows = graded.map((one) => rowOf(one, suite.unquoted === true));
  const countOf = (status: PolicyRow["status"]) => rows.filter((row) => row.status === status).length;
  return {
    ...{ suite: suite.name, policy, judge, files, seed: settings.seed, runs, skipped, seconds },
    questions: new Set(graded.map(({ task }) => task.question)).size,
    measures: suite.measures.map((measure) => measured(measure, marks, settings)),
    groups: suite.measures.flatMap((measure) => {
      const own = marks.filter((mark) => mark.measure === measure.name && mark.group !== null);
      return [...new Set(own.map(({ group }) => group!))].sort().map((group) => ({
        group,
        ...measured(
          { ...measure, over: "marks" },
          own.filter((mark) => mark.group === group).map((mark) => ({ ...mark, group: null })),
          settings,
        ),
      }));
    }),
    responses: {
      graded: countOf("graded"),
      unmeasured: countOf("unmeasured"),
      missing: countOf("missing"),
      failed: countKinds(graded.flatMap(({ answer }) => (answer.status === "failed" ? [answer.kind] : []))),
      cutOff: graded.filter(
        ({ answer }) => answer.status === "answered" && answer.response.extra?.["finishReason"] === "length",
      ).length,
      meanLength: lengths.length === 0 ? null : lengths.reduce((a, b) => a + b) / lengths.length,
    },
    unreadable: countKinds(graded.flatMap(({ grade }) => grade?.unreadable ?? [])),
    failedVerdicts: countKinds(graded.flatMap(({ grade }) => grade?.failedVerdicts ?? [])),
    rows,
  };
}

type QuestionMark = Mark & { readonly question: string };

function measured(
  measure: Measure,
  marks: readonly QuestionMark[],
  settings: BootstrapSettings,
): MeasuredValue {
  const grouped = measure.over === "groups";
  const own = marks.filter((mark) => mark.measure === measure.name && (mark.group !== null) === grouped);
  const value = grouped ? meanOfGroups(own, settings) : meanOfMarks(own, measure, settings);
  const clipped = value === null || measure.clip === undefined ? value : clip(value, measure.clip);
  return { measure: measure.name, label: measure.label, count: own.length, value: clipped };
}

/** Where all marks are 0 or all 1 no resample differs, and Wilson's interval over questions takes the bootstrap's place. */
function meanOfMarks(
  marks: readonly QuestionMark[],
  { format }: Measure,
  settings: BootstrapSettings,
): Interval | null {
  const interval = bootstrapMean([...byKey(marks, ({ question }) => question).values()], settings);
  if (interval === null || format !== "percent") return interval;
  const constant = marks.every(({ value }) => value === 0) || marks.every(({ value }) => value === 1);
  return constant
    ? {
        ...interval,
        ...wilsonInterval(interval.value * interval.clusters, interval.clusters, settings.level),
      }
    : interval;
}

function meanOfGroups(marks: readonly QuestionMark[], settings: BootstrapSettings): Interval | null {
  // Questions stand group by group, for they are drawn within their groups.
  const groups = [
    ...byKey(
      marks,
      ({ group }) => group!,
      (mark) => mark,
    ).values(),
  ].map((own) => [...byKey(own, ({ question }) => question).values()]);
  if (groups.length === 0) return null;
  const strata = groups.map((questions) => questions.length);
  const statistic = (draws: Float64Array): number => {
    let place = 0;
    const means = groups.map((questions) => {
      let [sum, count] = [0, 0];
      for (const values of questions) {
        const times = draws[place++]!;
        sum += times * values.reduce((a, b) => a + b, 0);
        count += times * values.length;
      }
      return sum / count;
    });
    return means.reduce((a, b) => a + b) / means.length;
  };
  const clusters = strata.reduce((a, b) => a + b);
  const bounds = bootstrapStrata(strata, statistic, settings)!;
  return { value: statistic(new Float64Array(clusters).fill(1)), ...bounds, clusters };
}

function byKey<T extends { readonly value: number }, V = number>(
  items: readonly T[],
  keyOf: (item: T) => string,
  contentOf: (item: T) => V = ({ value }) => value as V,
): ReadonlyMap<string, V[]> {
  const found = new Map<string, V[]>();
  for (const item of items) {
    const own = found.get(keyOf(item));
    if (own) own.push(contentOf(item));
    else found.set(keyOf(item), [contentOf(item)]);
  }
  return found;
}

function clip(interval: Interval, [lowest, highest]: readonly [number, number]): Interval {
  const clipped = (value: number) => Math.min(highest, Math.max(lowest, value));
  const { value, low, high, clusters } = interval;
  return { value: clipped(value), low: clipped(low), high: clipped(high), clusters };
}

function rowOf({ task, answer, grade }: GradedTask, unquoted: boolean): PolicyRow {
  const { id, question, run, subset, prompt, source } = task;
  const text = lastUserTurn(prompt);
  const own = (grade?.marks ?? []).filter(({ group }) => group === null);
  return {
    ...{ id, question, run, subset },
    prompt: unquoted ? null : text.length > EXCERPT ? `${text.slice(0, EXCERPT)} …` : text,
    source: `${source.file}:${source.line}`,
    status:
      answer.status !== "answered" ? answer.status : grade!.marks.length === 0 ? "unmeasured" : "graded",
    note: answer.status === "failed" ? `${answer.kind}: ${answer.detail}` : (grade?.note ?? "no response"),
    values: Object.fromEntries(
      [...byKey(own, ({ measure }) => measure)].map(([measure, values]) => [
        measure,
        values.reduce((a, b) => a + b) / values.length,
      ]),
    ),
    length: answer.status === "answered" ? answer.response.text.length : null,
  };
}
