import { SeededStream } from "@armature/engine";
import {
  completionDatum,
  type Datum,
  type SampleRequest,
  type Sampler,
  type TrainingModel,
} from "@armature/tinker";
import type { PreferencePair } from "../data/prompt.ts";
import type { Dialect, Speaker } from "../judge/dialect.ts";
import type { Side } from "../judge/judgement.ts";

/**
 * Rubric-ARM in one file, to be read before `arm.ts`: no logs, no resume, no switches, no reference KL. Both loops take the
 * same steps on the same primitives; the full one adds what a run needs.
 */
export interface MinimalArm {
  readonly generator: TrainingModel;
  readonly judge: TrainingModel;
  readonly dialect: Dialect;
  readonly pairs: readonly PreferencePair[];
  readonly rounds: number;
  /** Judgements per pair and rubrics per prompt (the paper: 7 and 6). */
  readonly judgements: number;
  readonly rubrics: number;
  readonly judgeLearningRate: number;
  readonly generatorLearningRate: number;
  readonly formatReward: number;
  readonly seed: number;
}

interface Rollout {
  readonly prompt: ArrayLike<number>;
  readonly tokens: Int32Array;
  readonly logprobs: Float32Array;
  readonly text: string;
  readonly reward: number;
}

/** Mean reward of each phase, judge then generator, round after round. */
export async function minimalArm(arm: MinimalArm): Promise<readonly number[]> {
  const { generator, judge, dialect } = arm;
  const rewards: number[] = [];
  const partSize = Math.floor(arm.pairs.length / arm.rounds);

  for (let round = 0; round < arm.rounds; round++) {
    const part = arm.pairs.slice(round * partSize, (round + 1) * partSize);
    const shown = part.map((pair) => show(pair, new SeededStream(arm.seed, "order", round, pair.id)));

    // The frozen generator writes one rubric per prompt, which the whole judge phase reads.
    const frozenGenerator = await generator.samplerNow().result;
    const cached = await rollOut(
      frozenGenerator,
      dialect.generator,
      part.map((pair) => dialect.generatorPrompt(pair.prompt)),
      {
        groupSize: 1,
        temperature: 1,
        seed: arm.seed + round,
      },
    );
    await frozenGenerator.dispose();

    // Judge phase: R = correct + format.
    const judgePrompts = part.map((pair, i) =>
      dialect.judgePrompt(pair.prompt, shown[i]!.a, shown[i]!.b, cached[i]![0]!.text),
    );
    const judgeSampler = await judge.samplerNow().result;
    const judgements = await rollOut(judgeSampler, dialect.judge, judgePrompts, {
      groupSize: arm.judgements,
      temperature: 1,
      seed: arm.seed + round,
    });
    await judgeSampler.dispose();
    const judged = judgements.map((group, i) =>
      group.map((rollout) => {
        const { winner, formatOk } = dialect.readJudgement(rollout.text, cached[i]![0]!.text);
        return {
          ...rollout,
          reward: Number(winner === shown[i]!.preferred) + arm.formatReward * Number(formatOk),
        };
      }),
    );
    rewards.push(await update(judge, judged, arm.judgeLearningRate));

    // Generator phase: R = the frozen judge, greedy, is correct.
    const rubricSampler = await generator.samplerNow().result;
    const rubrics = await rollOut(
      rubricSampler,
      dialect.generator,
      part.map((pair) => dialect.generatorPrompt(pair.prompt)),
      {
        groupSize: arm.rubrics,
        temperature: 1,
        seed: arm.seed + round + 1_000_000,
      },
    );
    await rubricSampler.dispose();
    const frozenJudge = await judge.samplerNow().result;
    const verdicts = await rollOut(
      frozenJudge,
      dialect.judge,
      rubrics.flatMap((group, i) =>
        group.map(({ text }) => dialect.judgePrompt(part[i]!.prompt, shown[i]!.a, shown[i]!.b, text)),
      ),
      { groupSize: 1, temperature: 0, seed: 0 },
    );
    await frozenJudge.dispose();
    const scored = rubrics.map((group, i) =>
      group.map((rollout, k) => {
        const verdict = verdicts[i * arm.rubrics + k]![0]!;
        const { winner } = dialect.readJudgement(verdict.text, rollout.text);
        const valid = dialect.readRubric(rollout.text).ok;
        return { ...rollout, reward: valid ? Number(winner === shown[i]!.preferred) : -1 };
      }),
    );
    rewards.push(await update(generator, scored, arm.generatorLearningRate));
  }
  return rewards;
}

function show(pair: PreferencePair, stream: SeededStream): { a: string; b: string; preferred: Side } {
  return stream.chance(0.5)
    ? { a: pair.chosen, b: pair.rejected, preferred: "A" }
    : { a: pair.rejected, b: pair.chosen, preferred: "B" };
}

async function rollOut(
  sampler: Sampler,
  speaker: Speaker,
  prompts: readonly ArrayLike<number>[],
  how: { groupSize: number; temperature: number; seed: number },
): Promise<readonly (readonly Rollout[])[]> {
  const requests: SampleRequest[] = prompts.map((prompt, i) => ({
    prompt: Int32Array.from(prompt),
    options: {
      numSamples: how.groupSize,
      temperature: how.temperature,
      maxTokens: speaker.maxTokens,
      stop: speaker.stop,
      seed: how.seed * 65_536 + i,
    },
  }));
  const results = await sampler.sampleMany(requests).result;
  return results.map(({ sequences }, i) =>
    sequences.map(({ tokens, logprobs }) => ({
      prompt: prompts[i]!,
      tokens,
      logprobs,
      text: speaker.decode(tokens),
      reward: Number.NaN,
    })),
  );
}

/** One clipped policy-gradient step on group-normalised advantages; the mean reward. */
async function update(
  model: TrainingModel,
  groups: readonly (readonly Rollout[])[],
  learningRate: number,
): Promise<number> {
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  const data: Datum[] = groups.flatMap((group) => {
    const mean = group.reduce((sum, { reward }) => sum + reward, 0) / group.length;
    const std = Math.sqrt(group.reduce((sum, { reward }) => sum + (reward - mean) ** 2, 0) / group.length);
    if (std === 0) return [];
    return group.map(({ prompt, tokens, logprobs, reward }) => {
      const advantage = (reward - mean) / (std + 1e-4) / (tokens.length * count);
      const advantages = new Float32Array(tokens.length).fill(advantage);
      return completionDatum(Int32Array.from(prompt), tokens, { logprobs, advantages });
    });
  });
  if (data.length > 0) {
    const config = { clip_low_threshold: 0.8, clip_high_threshold: 1.28 };
    const gradient = model.forwardBackward(data, { name: "ppo", config });
    const step = model.optimStep({ learning_rate: learningRate, beta2: 0.98, eps: 1e-8, grad_clip_norm: 1 });
    await Promise.all([gradient.result, step.result]);
  }
  return groups.flat().reduce((sum, { reward }) => sum + reward, 0) / count;
}
