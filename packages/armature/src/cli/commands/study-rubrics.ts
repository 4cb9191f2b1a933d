import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { itemPairs } from "../../bench/judge-items.ts";
import { lastUserTurn } from "../../data/prompt.ts";
import { ConfigError } from "../../errors.ts";
import { readRequest } from "../../sandbox/note-request.ts";
import { type RubricQuality, rubricQuality } from "../../sandbox/rubric-quality.ts";
import { rubricReport } from "../../study/rubric-report.ts";
import { studyRubrics } from "../../study/rubric-study.ts";
import type { StudyFacts } from "../../study/study-facts.ts";
import { writerAgreement } from "../../study/writer-agreement.ts";
import type { CommandContext } from "../command.ts";
import { EXIT } from "../describe-error.ts";
import { reportOutput, withReportOptions } from "../report-output.ts";
import { type JudgedRubrics, judgedRubrics } from "../scoring/judged-rubrics.ts";
import type { PairStudyOptions } from "../scoring/pair-study.ts";
import { readItems, withItemOptions } from "../scoring/read-items.ts";
import { RUBRIC_WRITERS, scorerKind, withScorerOptions } from "../scoring/scorer-options.ts";
import { checkScorer, scoringSession } from "../scoring/scoring-session.ts";

interface RubricStudyOptions extends PairStudyOptions {
  readonly otherRubrics?: string;
  readonly otherRubricWriter?: (typeof RUBRIC_WRITERS)[number];
}

export function define(command: Command, context: CommandContext): void {
  const example = [
    "armature study rubrics pairs.jsonl --model judge.yaml --rubrics rubrics.jsonl --other-rubrics others.jsonl --out study-rubrics",
    "armature study rubrics pairs.jsonl --run runs/quickstart",
  ].join("\n  ");
  withItemOptions(withReportOptions(command, example))
    .option("--other-rubrics <file>", "rubrics of a second writer, to see how far the two agree")
    .addOption(
      new Option("--other-rubric-writer <method>", "the second writer, in place of a file").choices(
        RUBRIC_WRITERS,
      ),
    )
    .action((suite: string, files: readonly string[], options: RubricStudyOptions) =>
      study(suite, files, options, context),
    );
  withScorerOptions(command);
}

async function study(
  name: string,
  named: readonly string[],
  options: RubricStudyOptions,
  context: CommandContext,
): Promise<void> {
  const { cwd } = context.terminal;
  const { seed } = options;
  const output = reportOutput(options, context.terminal);
  checkScorer(options);
  const other = otherWriter(options);
  if (other !== null) checkScorer(other);
  const { files, items, all } = await readItems(name, named, options, cwd);
  const pairs = items.filter(({ tie }) => tie !== true).flatMap((item) => itemPairs(item).slice(0, 1));
  const folder = options.out === undefined ? null : resolve(cwd, options.out);
  const judge = async (by: RubricStudyOptions): Promise<Judged | null> => {
    let judged: Judged | null = null;
    await scoringSession(
      by,
      context,
      { prompts: pairs.map(({ prompt }) => prompt), folder },
      (session) => judgedRubrics(pairs, session),
      (found, { scorer, usage, seconds }) => {
        judged = {
          ...found,
          facts: { scorer: scorer.id, files, all, seed, usage: usage(), seconds: seconds() },
        };
      },
    );
    return judged;
  };
  const first = await judge(options);
  const second = first === null || other === null ? null : await judge(other);
  if (first === null || (other !== null && second === null)) return;
  const { facts, aggregate } = first;
  const common = second === null ? null : commonPairs(first, second);
  const findings = {
    study: studyRubrics(first.pairs, aggregate, { seed }),
    writers: common === null ? null : writerAgreement(common[0], common[1], aggregate, { seed }),
    truth: truthOf(first),
  };
  output.write({ ...findings, ...facts }, rubricReport(findings, facts));
  if (findings.study.accuracy === null) context.exitCode = EXIT.failed;
}

type Judged = JudgedRubrics & { readonly facts: StudyFacts };

/** The same job with the second writer's rubrics; null where none is named. @throws ConfigError where two are. */
function otherWriter(options: RubricStudyOptions): RubricStudyOptions | null {
  const { otherRubrics, otherRubricWriter } = options;
  if (otherRubrics === undefined && otherRubricWriter === undefined) return null;
  if (otherRubrics !== undefined && otherRubricWriter !== undefined)
    throw new ConfigError("which other rubrics? give --other-rubrics or --other-rubric-writer");
  if (scorerKind(options) !== "language-model")
    throw new ConfigError("two writers are compared by one language model; give --model");
  const { rubric: _rubric, rubrics: _rubrics, rubricWriter: _writer, ...rest } = options;
  return {
    ...rest,
    ...(otherRubrics !== undefined && { rubrics: otherRubrics }),
    ...(otherRubricWriter !== undefined && { rubricWriter: otherRubricWriter }),
  };
}

/** Pairs that have a rubric of both writers, in the same order; the same prompt has its pairs in one order in both. */
function commonPairs(first: Judged, second: Judged): readonly [Judged["pairs"], Judged["pairs"]] {
  const prompts = new Set(second.pairs.map(({ promptId }) => promptId));
  const known = new Set(first.pairs.map(({ promptId }) => promptId));
  return [
    first.pairs.filter(({ promptId }) => prompts.has(promptId)),
    second.pairs.filter(({ promptId }) => known.has(promptId)),
  ];
}

function truthOf({ texts }: Judged): RubricQuality | null {
  const written = [...new Map(texts.map((one) => [one.pair.prompt.id, one])).values()].flatMap(
    ({ pair, text }) => {
      const reading = readRequest(lastUserTurn(pair.prompt));
      return reading.ok ? [{ request: reading.request, text }] : [];
    },
  );
  return written.length === 0 ? null : rubricQuality(written);
}
