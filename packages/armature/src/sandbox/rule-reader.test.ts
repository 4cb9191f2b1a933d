import { SeededStream } from "@armature/engine";
import { describe, expect, it } from "vitest";
import { formatBounds, sandboxBounds } from "./bounds.ts";
import { nanoDialect } from "./nano-dialect.ts";
import { oracleCriteria, rubricText } from "./rubric-language.ts";
import { perfectReader, type RuleReader, totalsReader } from "./rule-reader.ts";
import { RuleSampler } from "./rule-sampler.ts";
import { teacherCriteria } from "./teacher.ts";
import { trueVerdicts } from "./transcript.ts";
import { HELD_OUT_PAIRS, worldPairs } from "./world.ts";

const pairs = worldPairs(31, "held-out", 4000, HELD_OUT_PAIRS);

describe("rule-based readers", () => {
  it("choose the same response in both orders unless they are biased", () => {
    const stream = new SeededStream(1);
    const count = { unlike: 0, biased: 0 };
    for (const { truth } of pairs) {
      const criteria = teacherCriteria(stream, truth.request);
      const { A, B } = trueVerdicts(criteria, truth.chosen, truth.rejected);
      const consistent = (reader: RuleReader) =>
        reader.chanceOfA(criteria, { A, B }) === 1 - reader.chanceOfA(criteria, { A: B, B: A });
      if (!consistent(perfectReader) || !consistent(totalsReader(0))) count.unlike++;
      if (!consistent(totalsReader(1))) count.biased++;
    }
    expect(count.unlike).toBe(0);
    expect(count.biased / pairs.length).toBeGreaterThan(0.5);
  });

  it("weigh as stated", () => {
    const criteria = ["warm", "time", "formal"] as const;
    const chance = (A: boolean[], B: boolean[]) => perfectReader.chanceOfA(criteria, { A, B });
    expect(chance([true, false, true], [false, true, false])).toBe(0); // 1.6 < 3
    expect(chance([true, true, false], [false, true, true])).toBe(1); // 4 > 3.6
    expect(chance([true, false, false], [true, false, false])).toBe(0.5);
    const close = { A: [true, true, false], B: [true, true, true] };
    expect(totalsReader(0).chanceOfA(criteria, close)).toBe(0);
    expect(totalsReader(0.25).chanceOfA(criteria, close)).toBe(0.25);
    expect(totalsReader(1).chanceOfA(criteria, { A: [false, true, false], B: [true, true, true] })).toBe(0);
  });
});

describe("the bounds", () => {
  const bounds = sandboxBounds(pairs, 7);
  const percent = (rubric: string, reader: number) =>
    100 * bounds.filter((bound) => bound.rubric === rubric)[reader]!.all.mean;

  it("leave neither player a way to the top alone", () => {
    const [perfect, totals, biased] = [0, 1, 2];
    expect(percent("oracle", perfect)).toBe(100);
    for (const [rubric, reader, expected] of [
      ["oracle", totals, 95.5],
      ["oracle", biased, 65.5],
      ["teacher", perfect, 76],
      ["teacher", totals, 74],
      ["teacher", biased, 64],
      ["static", totals, 66],
      ["static", biased, 62],
    ] as const) {
      expect(Math.abs(percent(rubric, reader) - expected), `${rubric} ${reader}`).toBeLessThan(2.5);
    }
  });

  it("state their uncertainty, and print as one line per bound", () => {
    const { all, byKind } = bounds[1]!;
    expect(all.pairs).toBe(4000);
    expect(byKind.hard.pairs + byKind.principle.pairs).toBe(4000);
    // Ties count one half, so the spread is at most that of a coin of the same mean.
    expect(all.standardError).toBeLessThanOrEqual(Math.sqrt((all.mean * (1 - all.mean)) / 3999));
    const lines = formatBounds(bounds).split("\n");
    expect(lines.length).toBe(10);
    expect(lines[1]).toMatch(/^oracle +perfect weights +100\.0 ± 0\.0 +100\.0 +100\.0 +4000$/);
  });

  it("count a noisy label for the true winner", () => {
    const noisy = worldPairs(31, "noisy", 500, { ...HELD_OUT_PAIRS, labelNoise: 0.5 });
    expect(sandboxBounds(noisy, 7)[0]!.all.mean).toBe(1);
  });
});

describe("RuleSampler", () => {
  const { pair, truth } = pairs[0]!;
  const rubric = rubricText(oracleCriteria(truth.request));
  const prompt = nanoDialect.judgePrompt(pair.prompt, pair.chosen, pair.rejected, rubric);

  it("answers judge prompts as the dialect reads them", async () => {
    const sampler = new RuleSampler(perfectReader);
    const [result] = await sampler.sampleMany([{ prompt, options: { maxTokens: 60 } }]).result;
    const { tokens, logprobs } = result!.sequences[0]!;
    expect([...logprobs]).toEqual(Array(tokens.length).fill(0));
    expect(nanoDialect.readJudgement(nanoDialect.judge.decode(tokens), rubric)).toEqual({
      winner: "A",
      formatOk: true,
      verdicts: trueVerdicts(oracleCriteria(truth.request), truth.chosen, truth.rejected),
    });
  });

  it("draws open calls from the seed and gives their logprob", async () => {
    const sampler = new RuleSampler({ name: "coin", chanceOfA: () => 0.25 });
    const draw = async (seed: number) => {
      const { sequences } = await sampler.sample(prompt, { maxTokens: 60, numSamples: 400, seed }).result;
      return sequences.map(({ tokens, logprobs }) => ({
        winner: nanoDialect.readJudgement(nanoDialect.judge.decode(tokens), rubric).winner,
        logprob: logprobs.reduce((sum, value) => sum + value, 0),
      }));
    };
    const draws = await draw(1);
    expect(await draw(1)).toEqual(draws);
    expect(await draw(2)).not.toEqual(draws);
    for (const { winner, logprob } of draws)
      expect(Math.exp(logprob)).toBeCloseTo(winner === "A" ? 0.25 : 0.75, 6);
    expect(Math.abs(draws.filter(({ winner }) => winner === "A").length / 400 - 0.25)).toBeLessThan(0.09);
  });

  it("refuses other prompts and given tokens", async () => {
    const sampler = new RuleSampler(perfectReader);
    const other = nanoDialect.generatorPrompt(pair.prompt);
    await expect(sampler.sample(other, { maxTokens: 60 }).result).rejects.toThrow("only judge prompts");
    await expect(sampler.logprobs().result).rejects.toThrow("no logprobs");
  });
});
