import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sampler, TrainingModel } from "@armature/tinker";
import type { TrainingJob, TrainingOutcome } from "../cli/operations.ts";
import type { PolicyRecipe } from "../config/policy-recipe.ts";
import type { PolicyReward } from "../reward/policy-reward.ts";
import type { Progress } from "../run/progress.ts";
import type { MetricsRecord, RunDirectory } from "../run/run-directory.ts";
import type { EvaluationRecord } from "./evaluation/evaluation-values.ts";
import { type PolicyEvaluation, PolicyEvaluator } from "./evaluation/policy-evaluation.ts";
import { policyReport } from "./evaluation/policy-report.ts";
import { type OpenPolicy, openPolicy } from "./open-policy.ts";
import { type PolicyData, policyData } from "./policy-data.ts";
import { openReward } from "./reward/open-reward.ts";
import type { Writer } from "./writer.ts";

/** Where a policy run stands. */
export interface PolicyPosition {
  readonly steps: number;
  /** What the method needs beside the policy's weights to go on, see `PolicyMethod.snapshot`. */
  readonly snapshot: unknown;
  /** Weights that the method keeps beside the policy's, by role. */
  readonly kept: Readonly<Record<string, string>>;
}

/** What a method works with. */
export interface PolicyTraining<R extends PolicyRecipe> {
  readonly recipe: R;
  readonly run: RunDirectory<PolicyPosition>;
  readonly model: TrainingModel;
  readonly writer: Writer;
  /** The policy that the run started from. */
  readonly base: Sampler;
  readonly data: PolicyData;
  readonly reward: PolicyReward;
  /** The run's position; `steps` is 0 in a new run. */
  readonly position: PolicyPosition;
  /** For what takes long within a step. */
  readonly progress: Progress;
}

/** What one step did. */
export interface PolicyStep {
  /** For the progress line: "grpo", "round 2, sampling". */
  readonly phase: string;
  /** For `metrics.jsonl`; null where nothing was measured. */
  readonly metrics: MetricsRecord;
  /** For `rollouts/<name>.jsonl.gz`. */
  readonly rollouts?: Readonly<Record<string, readonly object[]>>;
  /** The numbers of the progress line, by name. */
  readonly shown: readonly string[];
}

/** A way to train a policy, step by step; a step is what a run commits and resumes by. */
export interface PolicyMethod {
  readonly totalSteps: number;
  /** Does step `index`, counted from 0. After a resume the first call is the first step that was not committed. */
  step(index: number): Promise<PolicyStep>;
  /** JSON that a later `step` needs to go on as if nothing had happened; asked at each commit, after the step. */
  snapshot?(): Promise<unknown>;
  /** Checkpoints (by role) that must outlive this commit, beside the policy's own; asked after `snapshot`. */
  kept?(): Readonly<Record<string, string>>;
  dispose?(): Promise<void>;
}

const START: PolicyPosition = { steps: 0, snapshot: null, kept: {} };

/**
 * A whole policy run in a run directory: evaluation of the policy it starts from, the method's steps with evaluations on
 * held-out prompts between them, the evaluation of the trained policy, the report. State is committed every
 * `output.commitEvery` steps; a killed run goes on from there and ends with the same weights and metrics.
 */
export async function runPolicy<R extends PolicyRecipe>(
  job: TrainingJob<R>,
  methodOf: (training: PolicyTraining<R>) => Promise<PolicyMethod>,
): Promise<TrainingOutcome> {
  const run = job.run as RunDirectory<PolicyPosition>;
  const { recipe } = job;
  const policy = await openPolicy(recipe, job.resolve, run.checkpointPath(""));
  try {
    const opening = {
      ...{ resolve: job.resolve, seed: recipe.seed, threads: recipe.model.threads },
      sandbox: recipe.data.kind === "sandbox",
      // Not beside the run's own logs, which are cut back to the last commit when a run resumes.
      answers: join(run.path, "reward", "answers.jsonl"),
    };
    const { reward, close } = await openReward(recipe.reward, opening);
    try {
      const data = await policyData(recipe, job.resolve, policy.writer);
      if (run.state === null) for (const note of data.notes) job.progress.say(note);
      return await new PolicySession(job, run, policy, data, reward).finish(methodOf);
    } finally {
      await close();
    }
  } finally {
    await policy.close();
  }
}

/** One process's part of a run. */
class PolicySession<R extends PolicyRecipe> {
  readonly #job: TrainingJob<R>;
  readonly #run: RunDirectory<PolicyPosition>;
  readonly #policy: OpenPolicy;
  readonly #data: PolicyData;
  readonly #reward: PolicyReward;
  #position: PolicyPosition;

  constructor(
    job: TrainingJob<R>,
    run: RunDirectory<PolicyPosition>,
    policy: OpenPolicy,
    data: PolicyData,
    reward: PolicyReward,
  ) {
    this.#job = job;
    this.#run = run;
    this.#policy = policy;
    this.#data = data;
    this.#reward = reward;
    this.#position = run.state?.position ?? START;
  }

  async finish(methodOf: (training: PolicyTraining<R>) => Promise<PolicyMethod>): Promise<TrainingOutcome> {
    const { model } = this.#policy;
    const base = await model.samplerNow().result;
    const evaluator = this.#evaluator(base);
    const before = await this.#evaluated("before", () => evaluator.evaluate(base));
    if (this.#position.steps === 0 && this.#job.recipe.evaluation.every > 0) this.#record(0, before);
    const saved = this.#run.state?.checkpoints["policy"];
    if (saved !== undefined)
      await model.loadState(this.#run.checkpointPath(saved), { optimizer: true }).result;
    const method = await methodOf({
      ...{ recipe: this.#job.recipe, run: this.#run, model, writer: this.#policy.writer },
      ...{ base, data: this.#data, reward: this.#reward, position: this.#position },
      progress: this.#job.progress,
    });
    try {
      if (!(await this.#train(method, evaluator))) return { status: "interrupted" };
    } finally {
      await method.dispose?.();
    }
    const after = await this.#evaluated("after", () => evaluator.evaluateNow(model));
    const report = policyReport({
      recipe: this.#job.recipe,
      rewardId: this.#reward.id,
      notes: this.#data.notes,
      metrics: this.#run.readMetrics(),
      before,
      after,
      startedAt: this.#run.config.createdAt,
    });
    return { status: "finished", report };
  }

  /** False when interrupted. */
  async #train(method: PolicyMethod, evaluator: PolicyEvaluator): Promise<boolean> {
    const { recipe, progress, interruption } = this.#job;
    const { every } = recipe.evaluation;
    for (let index = this.#position.steps; index < method.totalSteps; index++) {
      const { phase, metrics, rollouts = {}, shown } = await method.step(index);
      const done = index + 1;
      this.#run.appendMetrics({ kind: recipe.method, step: done, ...metrics });
      for (const [name, records] of Object.entries(rollouts))
        this.#run.appendRollouts(
          name,
          records.map((record) => ({ step: done, ...record })),
        );
      if (every > 0 && (done % every === 0 || done === method.totalSteps)) {
        this.#record(done, await evaluator.evaluateNow(this.#policy.model));
      }
      const numbers = shown.map((name) => [name, metrics[name]]).filter(([, value]) => value !== null);
      progress.update({
        phase,
        done,
        total: method.totalSteps,
        runShare: done / method.totalSteps,
        metrics: Object.fromEntries(numbers) as Record<string, number>,
      });
      const stop = interruption.stopRequested;
      if (stop || done === method.totalSteps || done % recipe.output.commitEvery === 0)
        await this.#commit(done, method);
      if (stop && done < method.totalSteps) return false;
    }
    return true;
  }

  /** Means go to the metrics, each response with its numbers to the rollouts: intervals need what varies between prompts. */
  #record(step: number, { metrics, prompts }: PolicyEvaluation): void {
    this.#run.appendMetrics({ kind: "evaluation", step, ...metrics });
    this.#run.appendRollouts(
      "evaluation",
      prompts.flatMap(({ id, responses }) =>
        responses.map((response): EvaluationRecord => ({ step, prompt: id, ...response })),
      ),
    );
  }

  async #commit(steps: number, method: PolicyMethod): Promise<void> {
    const name = `policy-${steps}`;
    await this.#policy.model.saveState(name).result;
    const snapshot = (await method.snapshot?.()) ?? null;
    const kept = method.kept?.() ?? {};
    this.#position = { steps, snapshot, kept };
    this.#run.commitState({ position: this.#position, checkpoints: { policy: name } });
    this.#run.keepCheckpoints([name, ...Object.values(kept)]);
  }

  #evaluator(base: Sampler): PolicyEvaluator {
    const { recipe } = this.#job;
    const { samples, temperature } = recipe.evaluation;
    return new PolicyEvaluator({
      writer: this.#policy.writer,
      base,
      prompts: this.#data.heldOut,
      pairs: this.#data.pairs?.heldOut ?? [],
      reward: recipe.reward.kind === "none" ? null : this.#reward,
      sandbox: recipe.data.kind === "sandbox",
      ...{ samples, temperature, seed: recipe.seed },
    });
  }

  /** The evaluation of this name: read back where the run has it. */
  async #evaluated(
    name: "before" | "after",
    evaluate: () => Promise<PolicyEvaluation>,
  ): Promise<PolicyEvaluation> {
    const file = join(this.#run.path, `evaluation-${name}.json`);
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as PolicyEvaluation;
    this.#job.progress.update({ phase: `measuring ${name} training`, done: 0, total: 1 });
    const evaluation = await evaluate();
    this.#run.writeFile(`evaluation-${name}.json`, `${JSON.stringify(evaluation)}\n`);
    return evaluation;
  }
}
