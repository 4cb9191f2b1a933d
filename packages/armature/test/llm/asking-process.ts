/** Asks `count` questions of an endpoint with a budget and a log, as fast as it can, until it is done or killed. */
import { mapConcurrently } from "../../src/llm/map-concurrently.ts";
import { ModelCallError } from "../../src/llm/model-call-error.ts";
import { openLanguageModels } from "../../src/llm/open-language-model.ts";

const [url, cache, count, budgetTokens] = process.argv.slice(2);
const { models, close } = await openLanguageModels([`${url}#judge`], {
  cache: cache!,
  budgetTokens: Number(budgetTokens),
  concurrency: 16,
});
process.stdout.write("started\n");
const outcomes = await mapConcurrently(
  Array.from({ length: Number(count) }, (_, i) => `question ${i}`),
  async (content, _, signal) => {
    const request = { messages: [{ role: "user" as const, content }], maxTokens: 10, temperature: 0 };
    try {
      return (await models[0]!.complete(request, { signal })).choices[0]!.text;
    } catch (error) {
      if (!ModelCallError.isInstance(error)) throw error;
      return `failed: ${error.kind}`;
    }
  },
  { concurrency: 64 },
);
await close();
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
