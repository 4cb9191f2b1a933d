import { SeededStream } from "@armature/engine";
import type { PreferencePair } from "../data/prompt.ts";
import type { Dialect } from "../judge/dialect.ts";
import { showPair } from "../judge/shown-pair.ts";
import type { ArmSettings } from "./arm-settings.ts";
import { type Player, request, sampleNow } from "./player.ts";
import type { RolloutGroup } from "./rollout.ts";

/** What a judgement rollout was and why it was rewarded, for logs and reports. */
export interface JudgementRecord {
  readonly pair: string;
  readonly rubric: string;
  readonly judgement: string;
  readonly correct: boolean;
  readonly formatOk: boolean;
}

/**
 * Judge phase, one batch: G judgements per pair in a random order, R = [winner correct] + formatReward · [form kept]
 * (Rubric-ARM, section 4.2). `rubricOf` gives the rubric of a pair's rollout: the cached one, or a fresh one each time.
 */
export async function judgeRollouts(
  judge: Player,
  dialect: Dialect,
  pairs: readonly PreferencePair[],
  rubricsOf: readonly (readonly string[])[],
  settings: ArmSettings,
  names: readonly (string | number)[],
): Promise<{ groups: readonly RolloutGroup[]; records: readonly JudgementRecord[] }> {
  const { groupSize, temperature } = settings.judge;
  const { stop, maxTokens } = dialect.judge;
  const asked = pairs.flatMap((pair, i) => {
    const stream = new SeededStream(settings.seed, ...names, pair.id);
    const shown = showPair(pair, stream.chance(0.5) ? "given" : "swapped");
    const rubrics = rubricsOf[i]!;
    return rubrics.map((rubric) => {
      const prompt = dialect.judgePrompt(pair.prompt, shown.responseA, shown.responseB, rubric);
      const numSamples = groupSize / rubrics.length;
      const options = { stop, maxTokens, temperature, seed: stream.uint32(), numSamples };
      return { pair, shown, rubric, prompt, request: request(prompt, options) };
    });
  });
  const sampled = await sampleNow(
    judge,
    asked.map((question) => question.request),
  );
  const answers = asked.flatMap(({ pair, shown, rubric, prompt }, i) =>
    sampled[i]!.map(({ tokens, logprobs }) => {
      const judgement = dialect.judge.decode(tokens);
      const { winner, formatOk } = dialect.readJudgement(judgement, rubric);
      const correct = winner === shown.chosenSide;
      const reward = Number(correct) + settings.judge.formatReward * Number(formatOk);
      return {
        rollout: { prompt, tokens, logprobs, reward },
        record: { pair: pair.id, rubric, judgement, correct, formatOk },
      };
    }),
  );
  return {
    groups: pairs.map((_, i) =>
      answers.slice(i * groupSize, (i + 1) * groupSize).map(({ rollout }) => rollout),
    ),
    records: answers.map(({ record }) => record),
  };
}
