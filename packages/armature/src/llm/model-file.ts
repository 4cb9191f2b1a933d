import { z } from "zod";
import { plainValue } from "../config/layer.ts";
import { readRecipeFile } from "../config/read-recipe-file.ts";
import { recipeFaults } from "../config/recipe-fault.ts";
import { ConfigError } from "../errors.ts";

const calling = {
  concurrency: z.int().min(1).optional(),
  requestsPerMinute: z.int().min(1).optional(),
  tokensPerMinute: z.int().min(1).optional(),
  timeoutSeconds: z.number().positive().optional(),
  retries: z.int().min(0).optional(),
  price: z
    .strictObject({
      input: z.number().min(0),
      output: z.number().min(0),
      cachedInput: z.number().min(0).optional(),
    })
    .optional(),
  stripThink: z.boolean().optional(),
  id: z.string().min(1).optional(),
};

const modelFile = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("endpoint"),
    baseUrl: z.string().min(1),
    model: z.string().min(1),
    apiKeyEnv: z.string().min(1).optional(),
    apiKeyHeader: z
      .string()
      .regex(/^[\w-]+$/, "it must be the name of a header")
      .optional(),
    responseFormat: z.enum(["none", "json_object", "json_schema"]).optional(),
    maxTokensField: z.enum(["max_tokens", "max_completion_tokens"]).optional(),
    body: z.record(z.string(), z.unknown()).optional(),
    ...calling,
  }),
  z.strictObject({
    kind: z.literal("path"),
    path: z.string().min(1),
    threads: z.int().min(1).optional(),
    ...calling,
  }),
  z.strictObject({
    kind: z.literal("replay"),
    file: z.string().min(1),
    model: z.string().min(1).optional(),
    ...calling,
  }),
  z.strictObject({
    kind: z.literal("scripted"),
    replies: z.array(z.strictObject({ contains: z.string().min(1).optional(), reply: z.string() })),
    ...calling,
  }),
]);

/**
 * What a model file says: which model, and how it is called. `kind` is `endpoint` where it is left out. A scripted model
 * gives the first reply whose `contains` stands in the last message, or that has none.
 */
export type ModelFile = z.infer<typeof modelFile>;

/** @throws ConfigError naming file, line and key. */
export function readModelFile(path: string, file = path): ModelFile {
  const values = readRecipeFile(path, file, "baseUrl: http://127.0.0.1:8000/v1", "model file");
  const value = plainValue(values) as Record<string, unknown>;
  const full = { kind: "endpoint", ...value };
  const checked = modelFile.safeParse(full);
  if (checked.success) return checked.data;
  const [fault] = recipeFaults(checked.error, modelFile, values, full);
  throw new ConfigError(`${fault!.source ?? file}: ${fault!.fault.replace("to the recipe", "to the file")}`);
}
