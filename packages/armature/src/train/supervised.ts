import { SeededStream } from "@armature/engine";
import type { AdamParams, TrainingModel } from "@armature/tinker";
import type { SftRecipe } from "../config/recipe-schema.ts";
import type { Message } from "../data/prompt.ts";
import { readJsonl } from "../data/read-jsonl.ts";
import { DataError } from "../errors.ts";
import { learningRateFactor } from "./learning-rate.ts";
import { type SftExample, type SftMetrics, sftStep } from "./sft.ts";

/** What a recipe says about supervised training. */
export type SupervisedSettings = Pick<
  SftRecipe,
  "train" | "epochs" | "batchSize" | "learningRate" | "learningRateSchedule" | "warmupSteps"
>;

/** A conversation and the assistant's answer to be learnt. */
export interface SupervisedRow {
  readonly messages: readonly Message[];
  readonly completion: string;
}

const ROLES: readonly unknown[] = ["system", "user", "assistant"];

/**
 * Reads rows `{"prompt": text or messages, "completion": text}`. Throws `DataError` naming file, line and field.
 */
export async function readSupervisedRows(files: readonly string[]): Promise<readonly SupervisedRow[]> {
  const rows: SupervisedRow[] = [];
  for (const file of files) {
    for await (const { line, value } of readJsonl(file)) {
      const fail = (field: string, mend: string): never => {
        throw new DataError(`${file}:${line}: ${field} ${mend}`);
      };
      const { prompt, completion } = value;
      if (typeof completion !== "string" || completion === "") return fail("completion", "must be a text");
      if (typeof prompt === "string" && prompt !== "") {
        rows.push({ messages: [{ role: "user", content: prompt }], completion });
        continue;
      }
      if (!Array.isArray(prompt) || prompt.length === 0)
        return fail("prompt", "must be a text or a list of messages");
      const messages = prompt.map((message: Partial<Message> | null) =>
        ROLES.includes(message?.role) && typeof message?.content === "string"
          ? { role: message.role!, content: message.content }
          : fail("prompt", 'must hold messages {"role": "system", "user" or "assistant", "content": text}'),
      );
      rows.push({ messages, completion });
    }
  }
  if (rows.length === 0) throw new DataError(`${files.join(", ")}: no rows to learn from`);
  return rows;
}

/** Steps of a supervised training: every epoch goes through the rows in a new order. */
export function supervisedSteps(rows: number, settings: SupervisedSettings): number {
  return settings.epochs * Math.ceil(rows / settings.batchSize);
}

/** The rows of one step, in an order drawn per epoch, so that a resumed training repeats it. */
export async function supervisedStep(
  model: TrainingModel,
  examples: readonly SftExample[],
  step: number,
  settings: SupervisedSettings,
  adam: Omit<AdamParams, "learning_rate">,
  names: readonly [seed: number, ...names: string[]],
): Promise<SftMetrics> {
  const perEpoch = Math.ceil(examples.length / settings.batchSize);
  const epoch = Math.floor(step / perEpoch);
  const [seed, ...rest] = names;
  const order = new SeededStream(seed, ...rest, "order", epoch).shuffled(examples);
  const first = (step % perEpoch) * settings.batchSize;
  const factor = learningRateFactor(
    settings.learningRateSchedule,
    step,
    settings.epochs * perEpoch,
    settings.warmupSteps,
  );
  return sftStep(model, order.slice(first, first + settings.batchSize), {
    ...adam,
    learning_rate: settings.learningRate * factor,
  });
}
