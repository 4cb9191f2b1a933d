import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Prompt } from "../../packages/armature/src/data/prompt.ts";
import { differentiate } from "../../packages/armature/src/generate/differentiate.ts";
import {
  candidatesOf,
  DIFFERENTIATION_CONDITIONS,
  type DifferentiationConditionName,
  type SourcedResponse,
} from "../../packages/armature/src/generate/differentiation-conditions.ts";
import { chasingTheTail, chasingTheTailSum } from "../../packages/armature/src/reward/weighted-mean.ts";
import type { Rubric } from "../../packages/armature/src/rubric/rubric.ts";
import { writeFileAtomic } from "../../packages/armature/src/run/atomic-file.ts";
import { toJsonLines } from "../../packages/armature/src/run/json-lines.ts";
import { programReader, readerJudge } from "../../packages/armature/src/sandbox/note-reader.ts";
import { requestOf } from "../../packages/armature/src/sandbox/note-truth.ts";
import { categorisedRubric, ruledCriteria } from "../../packages/armature/src/sandbox/request-rubrics.ts";
import { statementOf } from "../../packages/armature/src/sandbox/rubric-language.ts";
import { scriptedProposer } from "../../packages/armature/src/sandbox/scripted-proposer.ts";
import { VALUED } from "../../packages/armature/src/sandbox/truth.ts";
import { diverseResponses, policyResponses } from "./candidates.ts";

const SEED = 0;
/** Half of the paper's pool: enough for four rounds of two responses each. */
const GREAT_RESPONSES = 8;
const EXPERT_NOISE = 0.1;

/** A condition's rubrics, by prompt id, and how good they are in truth. */
export interface RefinedRubrics {
  readonly condition: DifferentiationConditionName;
  /** Rows of prompt and rubric, as `reward.rubricFile` takes them. */
  readonly file: string;
  readonly byPrompt: ReadonlyMap<string, Rubric>;
  /** Qualities stated that the recipient values, a rubric; at most 2. */
  readonly valued: number;
  /** Share of rubrics that ask for a note. */
  readonly askForNote: number;
}

interface Row {
  readonly id: string;
  readonly prompt: Prompt["messages"];
  readonly rubric: Rubric;
}

/**
 * The first rubrics and those refined under each condition of Chasing the Tail, one file each, written once. Good responses
 * are the warm-up policy's, great ones those of a policy trained with the truth (`great`, its checkpoint), diverse ones those
 * of 16 scripted writers.
 */
export async function refinedRubrics(
  folder: string,
  prompts: readonly Prompt[],
  great: string,
): Promise<readonly RefinedRubrics[]> {
  mkdirSync(folder, { recursive: true });
  const names = Object.keys(DIFFERENTIATION_CONDITIONS) as DifferentiationConditionName[];
  const missing = names.filter((name) => !existsSync(join(folder, `${name}.jsonl`)));
  if (missing.length > 0) {
    const good = await policyResponses(null, prompts, 2, "good responses");
    const strong = await policyResponses(great, prompts, GREAT_RESPONSES, "great responses");
    for (const name of missing) {
      const rows: Row[] = [];
      for (const [i, prompt] of prompts.entries()) {
        const responses =
          name === "four-great-and-diverse"
            ? diverseResponses(prompt, SEED)
            : sourced(name === "one-good-pair" ? good[i]! : strong[i]!);
        rows.push({ id: prompt.id, prompt: prompt.messages, rubric: await refined(name, prompt, responses) });
      }
      writeFileAtomic(join(folder, `${name}.jsonl`), toJsonLines(rows));
      process.stderr.write(`rubrics: ${name}\n`);
    }
  }
  return names.map((name) => readRefined(name, join(folder, `${name}.jsonl`)));
}

const sourced = (texts: readonly string[]): SourcedResponse[] =>
  texts.map((text) => ({ text, model: "policy" }));

async function refined(
  name: DifferentiationConditionName,
  prompt: Prompt,
  responses: readonly SourcedResponse[],
): Promise<Rubric> {
  const rubric = categorisedRubric(ruledCriteria("stereotype", prompt, SEED), { pitfall: false });
  const condition = DIFFERENTIATION_CONDITIONS[name];
  if (condition.rounds === 0) return rubric;
  const candidates = candidatesOf(condition, responses).places.map((place) => responses[place]!.text);
  const refinement = await differentiate(
    { prompt, rubric, candidates },
    {
      proposer: scriptedProposer({ expertNoise: EXPERT_NOISE, seed: SEED }),
      verifier: readerJudge(programReader({ keywords: true, noise: 0, seed: SEED })),
      score: chasingTheTailSum,
      normalisedScore: chasingTheTail,
      rounds: condition.rounds,
      excludeUsed: true,
    },
  );
  return refinement.rubric;
}

function readRefined(condition: DifferentiationConditionName, file: string): RefinedRubrics {
  const rows = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);
  const mean = (pick: (row: Row) => number) => rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
  const states = ({ rubric }: Row, text: string) =>
    rubric.criteria.some((criterion) => criterion.text === text);
  return {
    condition,
    file,
    byPrompt: new Map(rows.map(({ id, rubric }) => [id, rubric])),
    valued: mean((row) => {
      const { recipient } = requestOf({ id: row.id, messages: row.prompt });
      return VALUED[recipient].filter((name) => states(row, statementOf(name))).length;
    }),
    askForNote: mean((row) => Number(states(row, statementOf("clear")))),
  };
}
