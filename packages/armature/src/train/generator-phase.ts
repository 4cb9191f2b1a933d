import { SeededStream } from "@armature/engine";
import type { Sampler } from "@armature/tinker";
import type { PreferencePair } from "../data/prompt.ts";
import type { Dialect } from "../judge/dialect.ts";
import { showPair } from "../judge/shown-pair.ts";
import type { ArmSettings } from "./arm-settings.ts";
import { type Player, request, sampleNow, sampleWith } from "./player.ts";
import type { RolloutGroup } from "./rollout.ts";

/** What a rubric rollout was and what the frozen judge made of it. */
export interface RubricRecord {
  readonly pair: string;
  readonly rubric: string;
  readonly valid: boolean;
  /** Whether the judge chose the preferred response; null where the rubric was not judged or the verdict unreadable. */
  readonly correct: boolean | null;
}

/** Samples one rubric per pair, or `count`, from the generator's present weights. */
export async function sampleRubrics(
  generator: Player,
  dialect: Dialect,
  pairs: readonly PreferencePair[],
  options: { temperature: number; count: number; seed: number; names: readonly (string | number)[] },
): Promise<readonly (readonly string[])[]> {
  const sampled = await sampleNow(
    generator,
    pairs.map((pair) => generatorRequest(dialect, pair, options)),
  );
  return sampled.map((sequences) => sequences.map(({ tokens }) => dialect.generator.decode(tokens)));
}

function generatorRequest(
  dialect: Dialect,
  pair: PreferencePair,
  options: { temperature: number; count: number; seed: number; names: readonly (string | number)[] },
) {
  const { stop, maxTokens } = dialect.generator;
  const seed = new SeededStream(options.seed, ...options.names, pair.id).uint32();
  return request(dialect.generatorPrompt(pair.prompt), {
    stop,
    maxTokens,
    temperature: options.temperature,
    seed,
    numSamples: options.count,
  });
}

/**
 * Generator phase, one batch: G rubrics per prompt, one greedy judgement each by the frozen judge in an order drawn per
 * pair, R = [winner correct] (Rubric-ARM, eq. 8). An unreadable verdict is the judge's failure: its reward is null. A
 * rubric that breaks the form or repeats a line earns `invalidReward` and is not judged; equal rubrics are judged once.
 */
export async function generatorRollouts(
  generator: Player,
  judge: Sampler,
  dialect: Dialect,
  pairs: readonly PreferencePair[],
  settings: ArmSettings,
  names: readonly (string | number)[],
): Promise<{ groups: readonly RolloutGroup[]; records: readonly RubricRecord[] }> {
  const { groupSize, temperature, invalidReward } = settings.generator;
  const requests = pairs.map((pair) =>
    generatorRequest(dialect, pair, { temperature, count: groupSize, seed: settings.seed, names }),
  );
  const sampled = await sampleNow(generator, requests);
  const written = pairs.map((pair, i) => {
    const coin = new SeededStream(settings.seed, ...names, "order", pair.id).chance(0.5);
    const shown = showPair(pair, coin ? "given" : "swapped");
    return sampled[i]!.map(({ tokens, logprobs }) => {
      const rubric = dialect.generator.decode(tokens);
      return { pair, shown, rubric, tokens, logprobs, valid: dialect.readRubric(rubric).ok };
    });
  });

  const questions = new Map(
    written
      .flat()
      .filter((item) => item.valid)
      .map((item) => [`${item.pair.id}\n${item.rubric}`, item] as const),
  );
  const { stop, maxTokens } = dialect.judge;
  const judged = await sampleWith(
    judge,
    [...questions.values()].map(({ pair, shown, rubric }) =>
      request(dialect.judgePrompt(pair.prompt, shown.responseA, shown.responseB, rubric), {
        stop,
        maxTokens,
        temperature: 0,
        seed: 0,
      }),
    ),
  );
  const verdicts = new Map(
    [...questions].map(([key, { shown, rubric }], i) => {
      const { winner } = dialect.readJudgement(dialect.judge.decode(judged[i]![0]!.tokens), rubric);
      return [key, winner === null ? null : winner === shown.chosenSide] as const;
    }),
  );

  const groups = written.map((items, i) =>
    items.map(({ pair, rubric, tokens, logprobs, valid }) => {
      const correct = verdicts.get(`${pair.id}\n${rubric}`) ?? null;
      const reward = valid ? (correct === null ? null : Number(correct)) : invalidReward;
      return { prompt: requests[i]!.prompt, tokens, logprobs, reward };
    }),
  );
  const records = written.flat().map(({ pair, rubric, valid }) => ({
    pair: pair.id,
    rubric,
    valid,
    correct: verdicts.get(`${pair.id}\n${rubric}`) ?? null,
  }));
  return { groups, records };
}
