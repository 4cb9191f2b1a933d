import { countKinds } from "../../generate/count-kinds.ts";
import { type SampledResponses, sampleResponses } from "../../generate/sample-responses.ts";
import type { SamplingRecipe } from "../../generate/sampling-recipe.ts";
import { kindsLine } from "./count-text.ts";
import type { GenerationJob, RowOutcome } from "./generation-job.ts";
import type { InputRow, InputRows } from "./input-rows.ts";

/** Answers asked for, and the requests that ask for them. */
export function plannedCalls({ models }: SamplingRecipe, rows: readonly InputRow[]) {
  const each = models.reduce((sum, { count }) => sum + count, 0);
  return { requests: rows.length * models.length, responses: rows.length * each };
}

/** The job as `runGenerationJob` does it. */
export function samplingJob(
  recipe: SamplingRecipe,
  { rows, skipped }: InputRows,
): GenerationJob<SampledResponses> {
  const { seed, nearness } = recipe;
  return {
    phase: "responses",
    specs: recipe.models.map(({ model }) => model),
    rows,
    skipped,
    settings: { method: "responses", seed, nearness, sources: JSON.stringify(recipe.models) },
    start(models) {
      const sources = recipe.models.map(({ name, count, temperature, topP, maxTokens, system }, i) => ({
        ...{ model: models[i]!, count, temperature, maxTokens },
        ...(name !== undefined && { name }),
        ...(topP !== undefined && { topP }),
        ...(system !== undefined && { system }),
      }));
      return ({ prompt }, options) => sampleResponses(prompt, { sources, seed, nearness }, options);
    },
    failuresOf: ({ failures }) => failures.map(({ kind }) => kind),
    outcomeOf,
    summarise: (results) => summarise(recipe, results),
  };
}

/** Responses that stand in the row already stay before the new ones. */
function outcomeOf({ responses, failures, exact, near, usage }: SampledResponses, row: InputRow): RowOutcome {
  const { id, line, prompt, reference } = row;
  const sampled = responses.map(({ text, model, ...extra }) => ({ text, model, extra }));
  const all = [...row.responses, ...sampled];
  const failure = failures.length > 0 && { failure: { id, line, prompt: prompt.messages, failures } };
  if (all.length === 0) return failure || {};
  return {
    row: {
      ...{ id, prompt: prompt.messages },
      ...(reference !== null && { reference }),
      responses: all,
      sampling: { sampled: responses.length, exact, near, failed: failures.length, usage },
    },
    ...failure,
  };
}

function summarise({ models }: SamplingRecipe, results: readonly SampledResponses[]) {
  const sum = (count: (result: SampledResponses) => number) =>
    results.reduce((total, result) => total + count(result), 0);
  const sampled = sum(({ responses }) => responses.length);
  const [exact, near] = [sum((result) => result.exact), sum((result) => result.near)];
  const failures = results.flatMap((result) =>
    result.failures.flatMap(({ kind, count }) => Array<string>(count).fill(kind)),
  );
  const cut = results
    .flatMap(({ responses }) => responses)
    .filter(({ finishReason }) => finishReason === "length").length;
  const asked = results.length * models.reduce((total, { count }) => total + count, 0);
  return {
    lines: [
      `${sampled} of ${asked} responses to ${results.length} prompts`,
      ...(exact + near > 0 ? [`left out as repeated: ${exact} equal, ${near} near`] : []),
      ...(cut > 0 ? [`${cut} stop at the length limit`] : []),
      ...kindsLine("failed", failures),
    ],
    counts: {
      prompts: results.length,
      asked,
      responses: sampled,
      exact,
      near,
      cutOff: cut,
      failed: countKinds(failures),
    },
  };
}
