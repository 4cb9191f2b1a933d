import { SeededStream } from "@armature/engine";
import { nearestWord } from "../config/nearest-word.ts";
import type { Prompt } from "../data/prompt.ts";
import { ConfigError, DataError } from "../errors.ts";
import type { FailureKind } from "../failure.ts";
import { sampleResponses } from "../generate/sample-responses.ts";
import type { LanguageModel } from "../llm/language-model.ts";
import { withoutThinking } from "../llm/without-thinking.ts";
import type { RubricResponse } from "../rubric/rubric-item.ts";
import type { PolicySuite, PolicyTask } from "./policy-suite.ts";

/** What a policy answered, or why there is nothing to grade. */
export type PolicyAnswer =
  | { readonly status: "answered"; readonly response: RubricResponse }
  | { readonly status: "failed"; readonly kind: FailureKind; readonly detail: string }
  /** The file of responses has none for the question. */
  | { readonly status: "missing" };

/** Where responses come from. */
export interface AnswerSource {
  /** Names the policy in results. */
  readonly policy: string;
  /** Rejects only where it was aborted. */
  answer(task: PolicyTask, signal?: AbortSignal): Promise<PolicyAnswer>;
}

/** How a policy is asked. */
export interface PolicySampling {
  readonly temperature: number;
  /** Longest response in tokens. */
  readonly maxTokens: number;
  readonly seed: number;
  /** Put before every prompt. */
  readonly system?: string | undefined;
}

/** A language model as the policy; a run's seed depends on the run and the prompt only. Blocks of thoughts are taken away. */
export function askedPolicy(model: LanguageModel, sampling: PolicySampling): AnswerSource {
  const { temperature, maxTokens, system, seed } = sampling;
  const source = { model, count: 1, temperature, maxTokens, ...(system !== undefined && { system }) };
  return {
    policy: model.id,
    async answer({ prompt, run }, signal) {
      const {
        responses: [response],
        failures: [failure],
      } = await sampleResponses(
        prompt,
        { sources: [source], seed: new SeededStream(seed, "policy run", run).uint32() },
        signal === undefined ? {} : { signal },
      );
      if (response === undefined)
        return { status: "failed", kind: failure?.kind ?? "infrastructure", detail: failure?.detail ?? "" };
      const { text, finishReason } = response;
      return { status: "answered", response: { text, model: model.id, extra: { finishReason } } };
    },
  };
}

/**
 * Responses that the suite's own files hold, of one model; null takes the only one there is. Throws `ConfigError` that lists
 * the models where it is not one of them.
 */
export function givenResponses(tasks: readonly PolicyTask[], wanted: string | null): AnswerSource {
  const models = [...new Set(tasks.flatMap(({ given }) => given.map(modelOf)))].sort();
  if (models.length === 0) throw new ConfigError("--given: the suite's files hold no responses");
  if (wanted === null && models.length > 1)
    throw new ConfigError(`--given: name one of the models: ${models.join(", ")}`);
  const model = wanted ?? models[0]!;
  if (!models.includes(model)) {
    const near = nearestWord(model, models);
    const mend = near === null ? `there are ${models.join(", ")}` : `did you mean ${near}?`;
    throw new ConfigError(`--given ${model}: the suite's files have no responses of it; ${mend}`);
  }
  return {
    policy: model,
    async answer({ given, run }) {
      const response = given.filter((one) => modelOf(one) === model)[run];
      return response === undefined ? { status: "missing" } : { status: "answered", response };
    },
  };
}

const modelOf = ({ model }: RubricResponse): string => model ?? "unnamed";

/** A row of a file of responses. */
export interface ResponseRow {
  readonly id: string;
  readonly prompt: Prompt;
  readonly responses: readonly RubricResponse[];
}

/**
 * Responses of a file, joined by the prompt's text, else by the id; never by the id where each run asks differently, since an
 * answer to other options would be graded. Several responses to one prompt are its runs, in the file's order. Throws
 * `DataError` where none belongs to the suite.
 */
export function filedResponses(
  { runsDiffer }: Pick<PolicySuite, "runsDiffer">,
  tasks: readonly PolicyTask[],
  rows: readonly ResponseRow[],
  file: string,
): AnswerSource {
  const byPrompt = new Map<string, RubricResponse[]>();
  const byId = new Map<string, RubricResponse[]>();
  for (const { id, prompt, responses } of rows)
    for (const [map, key] of [[byPrompt, prompt.id] as const, [byId, id] as const]) {
      const own = map.get(key);
      if (own) own.push(...responses);
      else map.set(key, [...responses]);
    }
  // Runs of one prompt share its responses; a prompt that differs by run has its own.
  const answers = new Map<string, RubricResponse>();
  const taken = new Map<readonly RubricResponse[], number>();
  for (const { id, prompt } of tasks) {
    const own = byPrompt.get(prompt.id) ?? (runsDiffer ? undefined : byId.get(id));
    const place = own === undefined ? 0 : (taken.get(own) ?? 0);
    if (own === undefined || place >= own.length) continue;
    taken.set(own, place + 1);
    answers.set(id, own[place]!);
  }
  if (answers.size === 0)
    throw new DataError(
      `${file}: none of its ${rows.length} prompts is of this suite; rows have prompt, as --write-prompts gives it${runsDiffer ? " with the same --seed and --runs" : ""}, and response`,
    );
  const models = [...new Set([...answers.values()].flatMap(({ model }) => model ?? []))];
  return {
    policy: models.length === 1 ? models[0]! : file,
    async answer({ id }) {
      const response = answers.get(id);
      return response === undefined
        ? { status: "missing" }
        : { status: "answered", response: { ...response, text: afterThoughts(response.text) } };
    },
  };
}

/** Other texts stay to the letter: some instructions are about white space. */
function afterThoughts(text: string): string {
  return /^\s*<think>|<\/think>/.test(text) ? withoutThinking(text) : text;
}
