/** Our side of judge-overhead: the whole path of a user, from rubric and response to verdicts, one criterion a call. */
import { criterionJudge } from "../../packages/armature/src/judge/criterion-judge.ts";
import { mapConcurrently } from "../../packages/armature/src/llm/map-concurrently.ts";
import { openLanguageModels } from "../../packages/armature/src/llm/open-language-model.ts";
import { serveRounds } from "../engine/serve-rounds.ts";
import type { JudgeLoad } from "./judge-load.ts";

await serveRounds<JudgeLoad>(async ({ baseUrl, responses, criteria, concurrency, response }) => {
  const { models } = await openLanguageModels([`${baseUrl}#mock-judge`], { concurrency });
  const judge = criterionJudge({ model: models[0]! });
  const rubric = {
    criteria: Array.from({ length: criteria }, (_, i) => ({
      id: `c${i + 1}`,
      text: `mentions fact ${i + 1}`,
      weight: 1,
      polarity: "good" as const,
    })),
  };
  const prompt = { id: "prompt", messages: [{ role: "user" as const, content: "Explain X." }] };
  const tasks = Array.from({ length: responses }, () => ({ prompt, response, rubric }));
  return async () => {
    const judgements = await mapConcurrently(
      tasks,
      (task, _, signal) => judge.judge(task, { signal }),
      // The limiter bounds the calls; so many judgements keep it busy.
      { concurrency },
    );
    const met = judgements
      .flatMap(({ verdicts }) => verdicts)
      .filter((verdict) => verdict.status === "scored");
    if (met.length !== responses * criteria || met.some(({ value }) => value !== 1))
      throw new Error(
        `${met.length} of ${responses * criteria} verdicts are scored; the mock judge says met`,
      );
    return met.length;
  };
});
