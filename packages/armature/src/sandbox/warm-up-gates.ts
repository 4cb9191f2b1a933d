import type { Sampler } from "@armature/tinker";
import { pairAccuracy } from "../evaluation/pair-accuracy.ts";
import { greedyRubrics } from "../judge/greedy-rubrics.ts";
import { judgePairs } from "../judge/pairwise-judge.ts";
import { judgedNotes } from "./judged-notes.ts";
import { nanoDialect, nanoWriter } from "./nano-dialect.ts";
import { writtenReward } from "./policy.ts";
import { oracleCriteria, rubricText } from "./rubric-language.ts";
import { rubricQuality } from "./rubric-quality.ts";
import { verdictAccuracy } from "./verdict-accuracy.ts";
import type { NanoPlayer } from "./warm-up.ts";
import { HELD_OUT_PAIRS, worldPairs } from "./world.ts";

const GATE_PAIRS = 300;

/**
 * What a warm-up must have reached, per player, on pairs of their own: form and rules of the generator; verdicts of the judge
 * per criterion and truth value (an average would hide a judge that never says no), and its position bias, which has to be
 * there for preferences to repair.
 */
export async function warmUpGates(
  player: NanoPlayer,
  sampler: Sampler,
  seed: number,
): Promise<Readonly<Record<string, number>>> {
  const world = worldPairs(seed, "gates", GATE_PAIRS, HELD_OUT_PAIRS);
  const truths = new Map(world.map(({ pair, truth }) => [pair.id, truth]));
  const prompts = world.map(({ pair }) => pair.prompt);
  switch (player) {
    case "generator": {
      const rubrics = await greedyRubrics(sampler, nanoDialect, prompts);
      const quality = rubricQuality(
        world.map(({ pair, truth }) => ({ request: truth.request, text: rubrics.get(pair.prompt.id)! })),
      );
      const { valid, repeating, precision, recall, rulesKept } = quality;
      return { valid, repeating, precision, recall, rulesKept };
    }
    case "judge": {
      const outcomes = await judgePairs({
        judge: sampler,
        dialect: nanoDialect,
        pairs: world.map(({ pair }) => pair),
        rubrics: new Map(
          world.map(({ pair, truth }) => [pair.prompt.id, rubricText(oracleCriteria(truth.request))]),
        ),
        orders: "both",
        votes: 1,
        temperature: 0,
        seed,
      });
      const accuracy = pairAccuracy(outcomes, { seed, resamples: 1 });
      const verdicts = verdictAccuracy(judgedNotes(outcomes, truths));
      const measured = verdicts.cells.filter((cell) => cell.verdicts > 0);
      return {
        accuracyWithTrueRubric: accuracy.accuracy?.value ?? Number.NaN,
        parseFailures: accuracy.parseFailureRate ?? Number.NaN,
        firstWins: accuracy.firstWins ?? Number.NaN,
        ruleVerdicts: verdicts.rules,
        principleVerdicts: verdicts.principles,
        worstVerdict: Math.min(...measured.map((cell) => cell.right)),
        ...Object.fromEntries(
          measured.map(({ criterion, truth, right }) => [`${criterion} ${truth ? "yes" : "no"}`, right]),
        ),
      };
    }
    case "plausible-policy":
    case "policy": {
      const { speaker, prompt } = nanoWriter;
      const results = await sampler.sampleMany(
        prompts.map((each, i) => ({
          prompt: prompt(each),
          options: { maxTokens: speaker.maxTokens, stop: speaker.stop, temperature: 1, seed: i },
        })),
      ).result;
      const rewards = results.map(({ sequences }, i) =>
        writtenReward(world[i]!.truth.request, speaker.decode(sequences[0]!.tokens)),
      );
      const written = rewards.filter((reward) => reward.ok);
      return {
        valid: written.length / rewards.length,
        trueReward: written.reduce((sum, { reward }) => sum + reward, 0) / written.length,
      };
    }
  }
}
