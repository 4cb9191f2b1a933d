/** autoevals: one `LLMClassifierFromTemplate` for each criterion, one shared client. */
import { LLMClassifierFromTemplate } from "autoevals";
import OpenAI from "openai";
import { serveRounds } from "./rounds.mjs";

await serveRounds(({ baseUrl, criteria, response }) => {
  const client = new OpenAI({ baseURL: baseUrl, apiKey: "none" });
  const scorers = Array.from({ length: criteria }, (_, i) =>
    LLMClassifierFromTemplate({
      name: `c${i + 1}`,
      useCoT: true,
      model: "mock-judge",
      promptTemplate: `Query: {{input}}\nResponse: {{output}}\nCriterion: mentions fact ${i + 1}. Is it met?`,
      choiceScores: { met: 1, unmet: 0 },
    }),
  );
  return async (criterion) => {
    const { score } = await scorers[criterion]({ input: "Explain X.", output: response, client });
    return score === 1;
  };
});
