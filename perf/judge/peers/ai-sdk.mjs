/** AI SDK: `generateObject` with a schema for each criterion, one shared provider. */
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateObject } from "ai";
import { z } from "zod";
import { serveRounds } from "./rounds.mjs";

await serveRounds(({ baseUrl, response }) => {
  const provider = createOpenAICompatible({
    name: "mock",
    baseURL: baseUrl,
    supportsStructuredOutputs: true,
  });
  const model = provider("mock-judge");
  const schema = z.object({ explanation: z.string(), met: z.boolean() });
  return async (criterion) => {
    const prompt = `Query: Explain X.\nResponse: ${response}\nCriterion: mentions fact ${criterion + 1}. Is it met?`;
    const { object } = await generateObject({ model, schema, prompt });
    return object.met;
  };
});
