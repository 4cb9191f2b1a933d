import { z } from "zod";
import { JUDGE_MODES } from "../judge/judge-modes.ts";
import { AGGREGATORS, type AggregatorName } from "../reward/aggregators.ts";
import type { ImportanceCategory } from "../rubric/rubric.ts";
import { RUBRIC_RULES } from "../sandbox/request-rubrics.ts";
import { count, notNegative, path } from "./recipe-parts.ts";

const AGGREGATOR_NAMES = Object.keys(AGGREGATORS) as AggregatorName[];

/** The `reward` section of recipes that train a policy. */

/** The sandbox's hidden reward, which no method may see outside of it: the upper bound. */
const sandboxTruth = z.strictObject({ kind: z.literal("sandbox-truth") });

/** Rubric-ARM's reference-relative reward (equation 16), and its consistent pairs for offline methods. */
const rubricArm = z.strictObject({
  kind: z.literal("rubric-arm"),
  /** Run of method `arm`; null takes the sandbox's warm-up models. */
  run: path.nullable(),
  /**
   * A direct judge, by this rubric in place of the generator's; `generic` is what can be asked without learning: in the sandbox
   * the request's rules and two principles of every note, elsewhere the criteria of RaR-Predefined.
   */
  rubric: z.string().min(1).nullable(),
  /** 0 is greedy; the paper is silent. */
  temperature: notNegative,
});

/** Rubrics whose criteria are verified by program. */
const programRubric = z.strictObject({
  kind: z.literal("program-rubric"),
  /** Rubrics of any known format whose criteria name their programs as `verifier`: one for every prompt, or joined by prompt. */
  rubricFile: path,
  aggregation: z.enum(AGGREGATOR_NAMES),
});

/** Pointwise rubric rewards of the sandbox: a rubric for each prompt, a reader of verdicts, an aggregation. */
const sandboxRubric = z.strictObject({
  kind: z.literal("sandbox-rubric"),
  /**
   * Where rubrics come from: a rule of the sandbox (`oracle`, `teacher`, `stereotype`, `generic`), the greedy rubrics of
   * `run`'s generator, or `rubricFile`.
   */
  rubrics: z.enum([...RUBRIC_RULES, "generator", "file"]),
  /** Rubrics in any format, joined to prompts by their messages; null for the other sources. */
  rubricFile: path.nullable(),
  /** Run of method `arm` for `generator` and `nano-judge`; null takes the sandbox's warm-up models. */
  run: path.nullable(),
  /** Who gives the verdicts: a program that reads by the grammar, one that looks for keywords, or the pairwise nano judge of `run`, shown each response beside itself. */
  reader: z.enum(["program", "keywords", "nano-judge"]),
  /** Chance that the program turns a verdict round. */
  verdictNoise: z.number().min(0).max(0.5),
  /** An aggregator of verdicts, or a scripted rating: of the rubric as a whole, or without rubric. */
  scoring: z.enum([...AGGREGATOR_NAMES, "implicit", "likert", "reference-likert"]),
  /** Categories of criteria that count; criteria without category always do. */
  categories: z.array(z.enum(["essential", "important", "optional", "pitfall"])).min(1),
  /** False makes all criteria count alike, whatever their category and weight. */
  labels: z.boolean(),
});

/** A scalar reward model that a run of method `bradley-terry` trained. */
const bradleyTerry = z.strictObject({ kind: z.literal("bradley-terry"), run: path });

/** A language model that judges responses one by one, see `armature judge --mode`. */
const languageJudge = z.strictObject({
  kind: z.literal("language-judge"),
  /** URL of an endpoint, model file or folder, answer log, or model file in YAML. */
  model: path,
  /** The endpoint's name for the model. */
  modelName: z.string().min(1).nullable(),
  /** Environment variable that holds the endpoint's key. */
  apiKeyEnv: z.string().min(1).nullable(),
  mode: z.enum(JUDGE_MODES),
  /** How verdicts or a rating become a number; null takes the mode's own. */
  aggregate: z.string().min(1).nullable(),
  /** Least share of the rubric's weight that must be judged, else the reward is null. */
  minCoverage: z.number().min(0).max(1),
  /** Rubrics in any format, with references where the mode shows them, joined by prompt; null for modes without rubric. */
  rubricFile: path.nullable(),
  /** Criteria put into one call; null takes the mode's own. */
  criteriaPerCall: count.nullable(),
  temperature: notNegative,
  /** Longest reply of the judge in tokens; null takes the mode's own. */
  maxTokens: count.nullable(),
  /** Responses that are judged at the same time. */
  concurrency: count,
});

const SINGLE_REWARDS = [
  sandboxTruth,
  rubricArm,
  programRubric,
  sandboxRubric,
  bradleyTerry,
  languageJudge,
] as const;

const part = z.strictObject({
  /** Factor of the part's value in the sum; 0 only logs it, or leaves it to the gate. */
  weight: z.number(),
  /** Least value that the part must have, else the whole is `closedValue`; null is no gate. */
  gate: z.number().nullable(),
  reward: z.discriminatedUnion("kind", SINGLE_REWARDS),
});

/** A weighted sum of rewards, with gates and a length penalty. */
const combined = z.strictObject({
  kind: z.literal("combined"),
  /** By names, which components are logged under. */
  parts: z.record(z.string().regex(/^\w[\w-]*$/), part),
  /** The whole where a gate is closed. */
  closedValue: z.number(),
  /** Taken off for each token above `from`; null is none. */
  lengthPenalty: z.strictObject({ from: z.int().min(0), perToken: notNegative }).nullable(),
});

/** No reward: for methods that learn from given pairs. Nothing is rewarded in evaluations either. */
const noReward = z.strictObject({ kind: z.literal("none") });

export const rewardRecipe = z.discriminatedUnion("kind", [...SINGLE_REWARDS, combined, noReward]);

export type RewardRecipe = z.infer<typeof rewardRecipe>;

/** A reward of one kind. */
export type RewardOf<K extends RewardRecipe["kind"]> = Extract<RewardRecipe, { kind: K }>;

/** What the kinds take where a recipe leaves it out. */
export const REWARD_DEFAULTS = [
  { kind: "rubric-arm", run: null, rubric: null, temperature: 0 },
  { kind: "program-rubric", aggregation: "chasing-the-tail" },
  {
    ...{ kind: "sandbox-rubric", rubrics: "teacher", rubricFile: null, run: null, reader: "program" },
    ...{ verdictNoise: 0, scoring: "rar-explicit", labels: true },
    categories: ["essential", "important", "optional", "pitfall"] satisfies ImportanceCategory[],
  },
  {
    ...{ kind: "language-judge", modelName: null, apiKeyEnv: null, mode: "criteria", aggregate: null },
    ...{ minCoverage: 0, rubricFile: null, criteriaPerCall: null, temperature: 0, maxTokens: null },
    concurrency: 64,
  },
  { kind: "combined", closedValue: 0, lengthPenalty: null },
] as const satisfies readonly ({ kind: RewardRecipe["kind"] } & Record<string, unknown>)[];

/** Keys of a reward that name files or folders. */
export const REWARD_PATHS = ["run", "rubricFile"] as const;
