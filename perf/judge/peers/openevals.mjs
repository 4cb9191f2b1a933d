/** openevals: one `createLLMAsJudge` for each criterion, one shared client. */
import OpenAI from "openai";
import { createLLMAsJudge } from "openevals";
import { serveRounds } from "./rounds.mjs";

await serveRounds(({ baseUrl, criteria, response }) => {
  const judge = new OpenAI({ baseURL: baseUrl, apiKey: "none" });
  const evaluators = Array.from({ length: criteria }, (_, i) =>
    createLLMAsJudge({
      prompt: `Query: {inputs}\nResponse: {outputs}\nCriterion: mentions fact ${i + 1}. Is it met?`,
      judge,
      model: "mock-judge",
      feedbackKey: `c${i + 1}`,
      useReasoning: true,
    }),
  );
  return async (criterion) => {
    const { score } = await evaluators[criterion]({ inputs: "Explain X.", outputs: response });
    return score === true;
  };
});
