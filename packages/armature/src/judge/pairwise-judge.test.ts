import { SeededStream } from "@armature/engine";
import {
  pendingResult,
  type SampleRequest,
  type SampleResult,
  type Sampler,
  TinkerError,
} from "@armature/tinker";
import { describe, expect, it } from "vitest";
import { characterEncoder } from "../../test/character-encoder.ts";
import type { PreferencePair } from "../data/prompt.ts";
import { writeArmText } from "../rubric/arm-text.ts";
import { judgePairs, type PairwiseJudging } from "./pairwise-judge.ts";
import { paperDialect } from "./paper-dialect.ts";
import { mixedOrder } from "./shown-pair.ts";

const dialect = paperDialect(characterEncoder);
const rubric = writeArmText({ criteria: [{ text: "The response is good.", kind: "principle" }] });

const transcript = (winner: string) => `--- Compliance Check ---
Identified Gatekeeper Criterion: none
--- Analysis ---
**Response A:**
- Criterion 1 [Principle]: Justification: x
**Response B:**
- Criterion 1 [Principle]: Justification: y
--- Final Judgment ---
Justification: z
Winner: Response ${winner}`;

/** Answers each sample by a script that sees the question's text, its seed and the sample's number. */
class ScriptedSampler implements Sampler {
  readonly calls: (readonly SampleRequest[])[] = [];
  readonly #script: (question: string, seed: number, sample: number) => string;

  constructor(script: (question: string, seed: number, sample: number) => string) {
    this.#script = script;
  }

  sample(prompt: SampleRequest["prompt"], options: SampleRequest["options"]) {
    return pendingResult(this.sampleMany([{ prompt, options }]).result.then(([result]) => result!));
  }

  sampleMany(requests: readonly SampleRequest[]) {
    this.calls.push(requests);
    return pendingResult(Promise.resolve().then(() => requests.map((request) => this.#answer(request))));
  }

  logprobs = () => pendingResult(Promise.reject(new Error("not scripted")));
  logprobsMany = () => pendingResult(Promise.reject(new Error("not scripted")));
  dispose = async () => undefined;

  #answer({ prompt, options }: SampleRequest): SampleResult {
    const question = characterEncoder.decode(prompt);
    const sequences = Array.from({ length: options.numSamples ?? 1 }, (_, sample) => {
      const whole = dialect.judge.encodeCompletion(this.#script(question, options.seed ?? 0, sample));
      const tokens = whole.slice(0, options.maxTokens);
      const stopReason = tokens.length < whole.length ? ("length" as const) : ("stop" as const);
      return { tokens, logprobs: new Float32Array(tokens.length), stopReason };
    });
    return { sequences };
  }
}

/** What stands between the fences below a heading of the prompt. */
const shown = (question: string, heading: string) =>
  question.split(`${heading}:\n\`\`\`\n`)[1]!.split("\n```")[0]!;

const pairs: PreferencePair[] = Array.from({ length: 12 }, (_, i) => ({
  id: `pair ${i}`,
  prompt: { id: `prompt ${i % 5}`, messages: [{ role: "user", content: `Request ${i % 5}` }] },
  chosen: `good ${i}`,
  rejected: `bad ${i}`,
}));
const rubrics = new Map(pairs.map((pair) => [pair.prompt.id, rubric]));

const fair = () =>
  new ScriptedSampler((question) => transcript(shown(question, "Response A").startsWith("good") ? "A" : "B"));
const noisy = () =>
  new ScriptedSampler((_, seed, sample) =>
    transcript(new SeededStream(seed, sample).chance(0.5) ? "A" : "B"),
  );
const scripted = (...texts: string[]) => new ScriptedSampler((_, __, sample) => texts[sample]!);

const judging = (judge: Sampler, more: Partial<PairwiseJudging> = {}): PairwiseJudging => ({
  judge,
  dialect,
  pairs,
  rubrics,
  orders: "both",
  votes: 1,
  temperature: 1,
  seed: 7,
  ...more,
});

describe("judgePairs", () => {
  it("gives an outcome per pair and order", async () => {
    const outcomes = await judgePairs(judging(fair(), { temperature: 0 }));
    expect(outcomes.map(({ pairIndex, order }) => `${pairIndex} ${order}`)).toEqual(
      pairs.flatMap((_, i) => [`${i} given`, `${i} swapped`]),
    );
    expect(outcomes.every(({ verdict }) => verdict.status === "scored" && verdict.winner === "chosen")).toBe(
      true,
    );
    expect(outcomes[3]).toEqual({
      pairIndex: 1,
      pairId: "pair 1",
      order: "swapped",
      rubric,
      rubricFault: null,
      votes: [{ text: transcript("B"), cutOff: false, judgement: { winner: "B", formatOk: true } }],
      verdict: { status: "scored", winner: "chosen" },
    });
  });

  it("shows the first response first: a judge that always says A chooses by order", async () => {
    const outcomes = await judgePairs(judging(scripted(transcript("A"))));
    for (const { order, verdict } of outcomes)
      expect(verdict).toEqual({ status: "scored", winner: order === "given" ? "chosen" : "rejected" });
  });

  it("asks each prompt's rubric once, greedily, and shows it as written", async () => {
    const generator = new ScriptedSampler((question) => `rubric for ${/Request \d/.exec(question)}`);
    const judge = fair();
    const outcomes = await judgePairs(
      judging(judge, { generator, rubrics: new Map([["prompt 0", rubric]]), orders: "given" }),
    );
    expect(generator.calls.flat().map(({ options }) => options.temperature)).toEqual([0, 0, 0, 0]);
    expect(outcomes.map((outcome) => outcome.rubric).slice(0, 3)).toEqual([
      rubric,
      "rubric for Request 1",
      "rubric for Request 2",
    ]);
    expect(outcomes.map((outcome) => outcome.rubricFault?.split(":")[0]).slice(0, 2)).toEqual([
      undefined,
      "stray-text",
    ]);
    const questions = judge.calls.flat().map(({ prompt }) => characterEncoder.decode(prompt));
    expect(questions.map((question) => shown(question, "The rubric"))).toEqual(
      outcomes.map(({ rubric }) => rubric),
    );
  });

  it("samples a pair the same in any company and order plan", async () => {
    const both = await judgePairs(judging(noisy(), { votes: 3 }));
    const verdicts = new Set(both.map(({ verdict }) => JSON.stringify(verdict)));
    expect(verdicts.size).toBeGreaterThan(1);
    const mixed = await judgePairs(judging(noisy(), { votes: 3, orders: "mixed" }));
    expect(mixed).toEqual(both.filter(({ order, pairId }) => order === mixedOrder(7, pairId)));
    expect(new Set(mixed.map(({ order }) => order)).size).toBe(2);
    const alone = await judgePairs(judging(noisy(), { votes: 3, pairs: [pairs[4]!], orders: "swapped" }));
    expect(alone[0]!.votes).toEqual(both[9]!.votes);
    const reseeded = await judgePairs(judging(noisy(), { votes: 3, seed: 8 }));
    expect(reseeded).not.toEqual(both);
  });

  it.each([
    ["the majority", ["A", "B", "A"].map(transcript), { status: "scored", winner: "chosen" }],
    ["the majority of the readable", ["?", transcript("B"), "?"], { status: "scored", winner: "rejected" }],
    ["nothing in a tie", [transcript("A"), transcript("B"), "?"], { status: "abstained" }],
    ["nothing in a tie of two", [transcript("A"), transcript("B")], { status: "abstained" }],
    [
      "a parse failure where nothing is readable",
      ["", "?"],
      { status: "failed", kind: "parse", detail: "missing-section: Compliance Check" },
    ],
  ])("decides by %s", async (_, texts, verdict) => {
    const outcomes = await judgePairs(judging(scripted(...texts), { votes: texts.length, orders: "given" }));
    expect(outcomes[0]!.verdict).toEqual(verdict);
    expect(outcomes[0]!.votes.map(({ text }) => text)).toEqual(texts);
  });

  it("tells a judgement that was cut off", async () => {
    const outcomes = await judgePairs(
      judging(scripted(`${transcript("A").slice(0, 60)}${"x".repeat(2000)}`)),
    );
    expect(outcomes[0]!.verdict).toMatchObject({
      kind: "parse",
      detail: "cut off at the length limit; missing-section: Analysis",
    });
  });

  it("makes a server's failure an outcome and lets a faulty request throw", async () => {
    const failing = (kind: "server" | "connection" | "user") =>
      new ScriptedSampler(() => {
        throw new TinkerError(kind, "no answer");
      });
    for (const kind of ["server", "connection"] as const) {
      const outcomes = await judgePairs(judging(failing(kind)));
      for (const { verdict } of outcomes)
        expect(verdict).toEqual({ status: "failed", kind: "infrastructure", detail: "no answer" });
    }
    await expect(judgePairs(judging(failing("user")))).rejects.toThrow("no answer");
  });

  it("leaves out the one question that is too long, and says so", async () => {
    const long = { ...pairs[3]!, chosen: `good ${"x".repeat(5000)}` };
    const judge = fair();
    const outcomes = await judgePairs(
      judging(judge, { pairs: [pairs[0]!, long], contextLength: 4096, orders: "given" }),
    );
    expect(outcomes.map(({ verdict }) => verdict.status)).toEqual(["scored", "failed"]);
    expect(outcomes[1]!.verdict).toMatchObject({
      kind: "context",
      detail: expect.stringMatching(
        /^prompt and judgement take \d{4} tokens of 4096; shorten responses or raise the context$/,
      ),
    });
    expect(judge.calls.flat().length).toBe(1);
    const none = await judgePairs(judging(judge, { pairs: [long], contextLength: 4096 }));
    expect(none.map(({ verdict }) => verdict.status)).toEqual(["failed", "failed"]);
  });

  it("calls the sampler in parts and reports progress", async () => {
    const many = Array.from({ length: 300 }, (_, i) => ({ ...pairs[0]!, id: `many ${i}` }));
    const judge = fair();
    const progress: [number, number][] = [];
    await judgePairs(judging(judge, { pairs: many, onProgress: (...at) => progress.push(at) }));
    expect(judge.calls.map((call) => call.length)).toEqual([512, 88]);
    expect(progress).toEqual([
      [512, 600],
      [600, 600],
    ]);
  });

  it.each([
    [{ votes: 0 }, /^votes is 0; /],
    [{ votes: 1.5 }, /^votes is 1.5; /],
    [{ votes: 5, temperature: 0 }, /^5 votes at temperature 0 are all the same; /],
    [{ temperature: -1 }, /^judge temperature is -1; /],
    [{ pairs: [] }, /^there are no pairs to judge; /],
    [{ contextLength: 0 }, /^contextLength is 0; /],
    [{ rubrics: new Map() }, /^prompt prompt 0 has no rubric; give its rubric or a rubric generator$/],
  ])("refuses %j", async (more, message) => {
    await expect(judgePairs(judging(fair(), more))).rejects.toThrow(message);
  });
});
