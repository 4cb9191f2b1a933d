import { openModel } from "@armature/engine";
import type { TrainingJob, TrainingOutcome } from "../cli/operations.ts";
import type { SftRecipe } from "../config/recipe-schema.ts";
import { chatEncoder } from "../judge/engine-chat-encoder.ts";
import type { RunDirectory } from "../run/run-directory.ts";
import { loraConfig } from "./arm-models.ts";
import { adamParams } from "./arm-settings.ts";
import { openModelHost } from "./model-host.ts";
import type { SftExample } from "./sft.ts";
import { readSupervisedRows, supervisedStep, supervisedSteps } from "./supervised.ts";

/** Steps that are done. */
type SftPosition = number;

/** Supervised fine-tuning of one model on conversations with answers; rows that are too long are left out and counted. */
export async function runSft(job: TrainingJob<SftRecipe>): Promise<TrainingOutcome> {
  const { recipe, progress, interruption } = job;
  const run = job.run as RunDirectory<SftPosition>;
  const path = job.resolve(recipe.model.path);
  const description = openModel(path);
  description.weights.close();
  const { threads, lora, checkpoint, url } = recipe.model;
  const engine = await openModelHost(path, url, {
    logprobs: "weighted",
    ...(threads !== null && { threads }),
  });
  try {
    const model = await engine.createModel({
      lora: lora && loraConfig(lora, recipe.seed),
      checkpoints: run.checkpointPath(""),
    });
    const saved = run.state?.checkpoints["model"];
    if (saved !== undefined) await model.loadState(run.checkpointPath(saved), { optimizer: true }).result;
    else if (checkpoint !== null) await model.loadState(job.resolve(checkpoint), { optimizer: false }).result;

    const encoder = chatEncoder(description);
    const [end] = encoder.eosTokens;
    const rows = await readSupervisedRows(recipe.train.map(job.resolve));
    const all: SftExample[] = rows.map(({ messages, completion }) => ({
      prompt: encoder.encodeChat(messages, { addGenerationPrompt: true }),
      completion: Int32Array.from([...encoder.encode(completion), ...(end === undefined ? [] : [end])]),
    }));
    const examples = all.filter((e) => e.prompt.length + e.completion.length <= recipe.maxTokens);
    const left = `${examples.length} of ${all.length} rows fit into ${recipe.maxTokens} tokens`;
    progress.say(left);

    const total = supervisedSteps(examples.length, recipe);
    for (let step = run.state?.position ?? 0; step < total; step++) {
      const metrics = await supervisedStep(model, examples, step, recipe, adamParams(recipe.adam), [
        recipe.seed,
        "sft",
      ]);
      const done = step + 1;
      run.appendMetrics({ kind: "sft", step: done, ...metrics });
      progress.update({ phase: "sft", done, total, metrics: { loss: metrics.loss } });
      const stop = interruption.stopRequested;
      if (!stop && done < total && done % recipe.output.commitEvery !== 0) continue;
      const name = `model-${done}`;
      await model.saveState(name).result;
      run.commitState({ position: done, checkpoints: { model: name } });
      run.keepCheckpoints([name]);
      if (stop && done < total) return { status: "interrupted" };
    }
    return { status: "finished", report: sftReport(run, recipe, left) };
  } finally {
    await engine.close();
  }
}

function sftReport(run: RunDirectory<SftPosition>, recipe: SftRecipe, left: string) {
  const points = run.readMetrics().map((record) => ({
    x: record["step"] as number,
    value: record["loss"] as number,
  }));
  const [first, last] = [points[0], points.at(-1)];
  return {
    title: "Supervised fine-tuning",
    lead: `${recipe.model.path} on ${recipe.train.join(", ")}, ${recipe.epochs} epochs.`,
    summary: last
      ? [
          {
            name: "loss",
            label: "loss per token, first and last batch",
            format: "number" as const,
            ...(first && { before: { value: first.value } }),
            after: { value: last.value },
          },
        ]
      : [],
    charts: [
      { title: "Loss", xLabel: "step", format: "number" as const, series: [{ name: "loss", points }] },
    ],
    tables: [],
    examples: [],
    notes: [left],
    facts: [{ label: "seed", value: String(recipe.seed) }],
  };
}
