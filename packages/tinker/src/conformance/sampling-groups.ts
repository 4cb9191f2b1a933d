import { linearAdam, targetLogprobs } from "../linear-step.ts";
import { trainStep } from "../train-step.ts";
import type { Sampler } from "../training-model.ts";
import { type Findings, gap } from "./finding.ts";
import { FIRST, type Scenario, SEQUENCE, withModel } from "./scenario.ts";

/** Group 10: a sampler's logprobs of a sequence are the trainer's. */
export async function trainSampleGap({ open, scale, equal }: Scenario, findings: Findings): Promise<void> {
  await withModel(open, async (model) => {
    for (let i = 0; i < 2; i++)
      await trainStep(model, [FIRST], { name: "cross_entropy" }, linearAdam(scale)).result;
    const trained = await targetLogprobs(model, FIRST);
    const sampler = await model.samplerNow().result;
    const sampled = [...(await sampler.logprobs(SEQUENCE).result)];
    findings.that("the first token has no logprob", Number.isNaN(sampled[0]), String(sampled[0]));
    findings.atMost("the sampler's logprobs are the trainer's", gap(sampled.slice(1), trained), 10 * equal);
    await sampler.dispose();
  });
}

const PROMPT = [3, 5];
const LENGTH = 8;

/** Group 11: seeds, logprobs at several temperatures, stop tokens, several samples, the length limit. */
export async function sampling({ open, equal }: Scenario, findings: Findings): Promise<void> {
  await withModel(open, async (model) => {
    const sampler = await model.samplerNow().result;
    const draw = async (seed: number, temperature = 1, numSamples = 1) =>
      (await sampler.sample(PROMPT, { maxTokens: LENGTH, seed, temperature, numSamples }).result).sequences;
    const [first] = await draw(11);
    const [again] = await draw(11);
    const tokens = [...first!.tokens];
    findings.that(
      "equal seeds give equal tokens",
      String(tokens) === String([...again!.tokens]),
      tokens.join(" "),
    );
    const several = await draw(11, 1, 6);
    const distinct = new Set(several.map((sequence) => String(sequence.tokens))).size;
    findings.that(
      "six samples of a prompt come and differ",
      several.length === 6 && distinct > 1,
      `${distinct} of ${several.length}`,
    );
    const full = several.find(({ stopReason }) => stopReason === "length");
    if (full)
      findings.that(
        `a full sample has ${LENGTH} tokens and ends with length`,
        full.tokens.length === LENGTH,
        `${full.tokens.length}`,
      );
    await logprobsAt(sampler, await draw(12, 1), 1, equal, findings);
    await logprobsAt(sampler, await draw(13, 0.5), 0.5, equal, findings);
    const greedy = await Promise.all([draw(1, 0), draw(2, 0)]);
    findings.that(
      "temperature 0 does not depend on the seed",
      String(greedy[0]![0]!.tokens) === String(greedy[1]![0]!.tokens),
      String(greedy[0]![0]!.tokens),
    );
    await stopToken(sampler, findings);
    await sampler.dispose();
  });
}

/** Logprobs of drawn tokens are raw: those that `logprobs` gives for the whole sequence, whatever the temperature. */
async function logprobsAt(
  sampler: Sampler,
  sequences: Awaited<ReturnType<Sampler["sample"]>["result"]>["sequences"],
  temperature: number,
  equal: number,
  findings: Findings,
): Promise<void> {
  const { tokens, logprobs } = sequences[0]!;
  const scored = await sampler.logprobs([...PROMPT, ...tokens]).result;
  const raw = [...scored].slice(PROMPT.length);
  findings.atMost(
    `logprobs of tokens drawn at temperature ${temperature} are the model's own`,
    gap([...logprobs], raw),
    10 * equal,
  );
}

/** A stop token ends a sample and is part of it. */
async function stopToken(sampler: Sampler, findings: Findings): Promise<void> {
  const { sequences } = await sampler.sample(PROMPT, { maxTokens: LENGTH, seed: 21, numSamples: 4 }).result;
  const tokens = sequences.map((sequence) => [...sequence.tokens]).find((row) => row.length > 1);
  if (!tokens) return findings.note("no sample was long enough to stop inside");
  const stop = tokens[1]!;
  const at = tokens.indexOf(stop);
  const index = sequences.findIndex((sequence) => String([...sequence.tokens]) === String(tokens));
  const options = { maxTokens: LENGTH, seed: 21, numSamples: 4, stop: [stop] };
  const stopped = (await sampler.sample(PROMPT, options).result).sequences[index]!;
  findings.that(
    "a stop token ends the sample and is its last token",
    String([...stopped.tokens]) === String(tokens.slice(0, at + 1)) && stopped.stopReason === "stop",
    `${[...stopped.tokens].join(" ")} (${stopped.stopReason})`,
  );
}
