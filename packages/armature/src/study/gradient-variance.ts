import { SeededStream } from "@armature/engine";
import {
  completionDatum,
  type Datum,
  type SampledSequence,
  type TokenIds,
  type TrainingModel,
} from "@armature/tinker";
import type { PreferencePair } from "../data/prompt.ts";
import { ModelError } from "../errors.ts";
import { type BootstrapSettings, bootstrapMean, type Interval } from "../evaluation/bootstrap.ts";
import type { Dialect } from "../judge/dialect.ts";
import { type ShownPair, showPair } from "../judge/shown-pair.ts";
import { request, sampleNow } from "../train/player.ts";

/** What is measured, and with how many draws. */
export interface GradientVarianceTask extends BootstrapSettings {
  readonly generator: TrainingModel;
  readonly judge: TrainingModel;
  readonly dialect: Dialect;
  readonly pairs: readonly PreferencePair[];
  /** Draws of each estimator a pair, at least 2. */
  readonly draws: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Means over pairs; intervals draw pairs. Squared norms in the units of the parameters. */
export interface EstimatorVariance {
  /** Unbiased from the draws: n / (n − 1) · (mean ‖g‖² − ‖mean g‖²). */
  readonly variance: Interval;
  /** ‖E g‖², estimated without bias; may be negative where noise hides it. */
  readonly signal: Interval;
}

/** Gradient variance of the two players at their present weights. */
export interface GradientVariance {
  readonly pairs: number;
  readonly draws: number;
  /** R(o)·u_j(o | r̄), one frozen rubric a pair (Rubric-ARM, strategy A). */
  readonly judgeFrozen: EstimatorVariance;
  /** R(o)·u_j(o | r), a fresh rubric for each judgement, as in simultaneous updates. */
  readonly judgeFresh: EstimatorVariance;
  /** R(o)·u_r(r) on the same draws (strategy B). */
  readonly generator: EstimatorVariance;
  /** Pairs at which the generator's variance exceeds the judge's with its frozen rubric. */
  readonly generatorLarger: number;
  /** Share of judgements, frozen and fresh, that name the chosen response, and that name none (they earn 0). */
  readonly correct: number;
  readonly unreadable: number;
}

/**
 * Measures the estimators of Rubric-ARM's section 5 on real models: plain REINFORCE, R = 1 where the judge names the chosen
 * response, no baseline and no normalisation, sampled at temperature 1. Weights stay as they are: each gradient is read as the
 * norm that an optimizer step of learning rate 0 reports. Throws `ModelError` where a model reports none.
 */
export async function measureGradientVariance(task: GradientVarianceTask): Promise<GradientVariance> {
  const { generator, judge, dialect, pairs, draws, seed } = task;
  const rows: PairRow[] = [];
  let [correct, unreadable] = [0, 0];
  for (const [done, pair] of pairs.entries()) {
    task.onProgress?.(done, pairs.length);
    const stream = new SeededStream(seed, "gradient variance", pair.id);
    const shown = showPair(pair, stream.chance(0.5) ? "given" : "swapped");
    const rubricPrompt = dialect.generatorPrompt(pair.prompt);
    const [rubrics] = (await sampleNow({ model: generator }, [
      ask(rubricPrompt, dialect.generator, stream.uint32(), draws),
    ])) as [readonly SampledSequence[]];
    const texts = rubrics.map(({ tokens }) => dialect.generator.decode(tokens));
    const prompts = texts.map((rubric) =>
      dialect.judgePrompt(pair.prompt, shown.responseA, shown.responseB, rubric),
    );
    const [frozen, ...fresh] = (await sampleNow({ model: judge }, [
      ask(prompts[0]!, dialect.judge, stream.uint32(), draws),
      ...prompts.map((prompt) => ask(prompt, dialect.judge, stream.uint32(), 1)),
    ])) as [readonly SampledSequence[], ...(readonly [SampledSequence])[]];
    const winnerOf = ({ tokens }: SampledSequence, rubric: string) => reading(dialect, tokens, rubric, shown);
    const frozenRewards = frozen.map((sequence) => winnerOf(sequence, texts[0]!));
    const freshRewards = fresh.map(([sequence], i) => winnerOf(sequence, texts[i]!));
    for (const reward of [...frozenRewards, ...freshRewards]) {
      if (reward === null) unreadable++;
      else if (reward) correct++;
    }
    rows.push({
      judgeFrozen: await gradientMoments(
        judge,
        data(frozen, () => prompts[0]!, frozenRewards),
      ),
      judgeFresh: await gradientMoments(
        judge,
        data(
          fresh.map(([sequence]) => sequence),
          (i) => prompts[i]!,
          freshRewards,
        ),
      ),
      generator: await gradientMoments(
        generator,
        data(rubrics, () => rubricPrompt, freshRewards),
      ),
    });
  }
  const over = (key: keyof PairRow): EstimatorVariance => ({
    variance: bootstrapMean(
      rows.map((row) => [row[key].variance]),
      task,
    )!,
    signal: bootstrapMean(
      rows.map((row) => [row[key].signal]),
      task,
    )!,
  });
  const judged = 2 * draws * pairs.length;
  return {
    pairs: pairs.length,
    draws,
    judgeFrozen: over("judgeFrozen"),
    judgeFresh: over("judgeFresh"),
    generator: over("generator"),
    generatorLarger: rows.filter((row) => row.generator.variance > row.judgeFrozen.variance).length,
    correct: correct / judged,
    unreadable: unreadable / judged,
  };
}

type PairRow = Readonly<Record<"judgeFrozen" | "judgeFresh" | "generator", GradientMoments>>;

/** Unbiased estimates from independent draws. */
export interface GradientMoments {
  readonly variance: number;
  readonly signal: number;
}

function ask(prompt: TokenIds, { stop, maxTokens }: Dialect["judge"], seed: number, numSamples: number) {
  return request(prompt, { stop, maxTokens, temperature: 1, seed, numSamples });
}

/** Whether the judge named the chosen response; null where it named none. */
function reading(dialect: Dialect, tokens: Int32Array, rubric: string, shown: ShownPair): boolean | null {
  const { winner } = dialect.readJudgement(dialect.judge.decode(tokens), rubric);
  return winner === null ? null : winner === shown.chosenSide;
}

/** One datum a rewarded draw: cross-entropy with weight 1 a token has the gradient −u. Without reward the gradient is 0. */
function data(
  sequences: readonly SampledSequence[],
  promptOf: (draw: number) => TokenIds,
  rewards: readonly (boolean | null)[],
): readonly (Datum | null)[] {
  return sequences.map(({ tokens }, i) =>
    rewards[i] === true
      ? completionDatum(promptOf(i), tokens, { weights: new Float32Array(tokens.length).fill(1) })
      : null,
  );
}

/**
 * Variance and squared mean of the gradients of draws, the loss being cross-entropy; null stands for a draw whose gradient is 0.
 * At least two draws. The model's weights stay as they are; its optimizer's moments do not.
 */
export async function gradientMoments(
  model: TrainingModel,
  draws: readonly (Datum | null)[],
): Promise<GradientMoments> {
  const rewarded = draws.filter((datum) => datum !== null);
  if (rewarded.length === 0) return { variance: 0, signal: 0 };
  const singles = await Promise.all(rewarded.map((datum) => gradientNorm(model, [datum])));
  const all = await gradientNorm(model, rewarded);
  const n = draws.length;
  const square = singles.reduce((sum, norm) => sum + norm ** 2, 0) / n;
  // Gradients are 32-bit: equal draws differ by rounding, which must not make the variance negative.
  const variance = Math.max(0, (n / (n - 1)) * (square - (all / n) ** 2));
  return { variance, signal: (all / n) ** 2 - variance / n };
}

async function gradientNorm(model: TrainingModel, batch: readonly Datum[]): Promise<number> {
  const gradient = model.forwardBackward(batch, { name: "cross_entropy" });
  const step = model.optimStep({ learning_rate: 0 });
  await gradient.result;
  const norm = (await step.result).metrics["grad_norm:last"];
  if (norm === undefined)
    throw new ModelError(
      "optimStep reports no grad_norm:last; measure gradient variance with a model of the in-process engine",
    );
  return norm;
}
