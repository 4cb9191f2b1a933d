import { describe, expect, it } from "vitest";
import type { Prompt } from "../data/prompt.ts";
import { DataError } from "../errors.ts";
import { PRINCIPLE_NAMES, RULE_NAMES } from "./lexicon.ts";
import { nanoDialect, nanoWriter, readJudgePrompt } from "./nano-dialect.ts";
import { decodeWords, EOS, encodeWords, VOCABULARY } from "./nano-vocabulary.ts";
import { rubricText } from "./rubric-language.ts";
import { writeTranscript } from "./transcript.ts";
import { TRAINING_PAIRS, worldPairs } from "./world.ts";

const prompt = (content: string): Prompt => ({ id: "p7", messages: [{ role: "user", content }] });
const request = "write to the coach about the big game . give a time .";

describe("the vocabulary", () => {
  it("has every word once, in a fixed order that checkpoints rely on", () => {
    expect(new Set(VOCABULARY).size).toBe(VOCABULARY.length);
    expect(VOCABULARY.length).toBeLessThan(1000);
    expect(VOCABULARY.join(" ")).toMatchInlineSnapshot(
      `"<pad> <bos> <eos> <gen> <judge> <write> [request] [rubric] [a] [b] [note] [hard-rule] [principle] [compliance] gatekeeper: [analysis] a: b: yes no none [final] total winner: A B 0 1 2 3 4 5 1. 2. 3. 4. 5. write to the about . boss customer neighbor coach child friend grandmother teacher broken lamp late train new garden lost cat old bridge cold room wet roof big game is start with a greeting starts end question ends give time gives name place names do not mention money avoids hello , good morning can you come ? that fine at nine on monday in hall near gate it costs ten price rose formal honest polite practical hopeful playful warm grateful clear helpful hereby stated sincerely yours be frank i admit if please kindly reply here plan follow these steps hope so brighter days ahead giggle me let us tickle sent love long hug many thanks we owe"`,
    );
  });

  it("encodes every text of the world within the limits and gives it back", () => {
    const texts = worldPairs(3, "train", 2000, TRAINING_PAIRS).flatMap(({ pair }) => [
      pair.prompt.messages[0]!.content,
      pair.chosen,
      pair.rejected,
    ]);
    expect(texts.filter((text) => decodeWords(encodeWords(text)) !== text)).toEqual([]);
    const longest = Math.max(...texts.map((text) => encodeWords(text).length));
    expect(longest).toBeLessThan(nanoWriter.speaker.maxTokens);
  });

  it.each([
    ["write to the king", 'the sandbox does not know "king" (word 4 of "write to the king"): it speaks'],
    [
      "the lamp is broken.",
      'the sandbox does not know "broken." (word 4 of "the lamp is broken."): it speaks',
    ],
  ])("names the unknown word of '%s'", (text, message) => {
    expect(() => encodeWords(text)).toThrow(DataError);
    expect(() => encodeWords(text)).toThrow(message);
  });

  it("names a token that it does not have", () => {
    expect(() => decodeWords([3, 9000])).toThrow("token 9000 is outside the sandbox's vocabulary");
  });
});

describe("the nano dialect", () => {
  it("shows the generator the request and the judge all parts in their sections", () => {
    expect(decodeWords(nanoDialect.generatorPrompt(prompt(request)))).toBe(
      `<bos> <gen> [request] ${request} [rubric]`,
    );
    expect(decodeWords(nanoWriter.prompt(prompt(request)))).toBe(`<bos> <write> [request] ${request} [note]`);
    const parts = {
      rubricText: rubricText(["time", "practical"]),
      responseA: "the game is big .",
      responseB: "the game is big . at nine .",
    };
    const judged = nanoDialect.judgePrompt(
      prompt(request),
      parts.responseA,
      parts.responseB,
      parts.rubricText,
    );
    expect(decodeWords(judged)).toBe(
      `<bos> <judge> [request] ${request} [rubric] ${parts.rubricText} [a] ${parts.responseA} [b] ${parts.responseB} <judge>`,
    );
    expect(readJudgePrompt(judged)).toEqual(parts);
    expect(readJudgePrompt(nanoDialect.generatorPrompt(prompt(request)))).toBeNull();
  });

  it("refuses what it would misread", () => {
    const turns: Prompt = {
      id: "p8",
      messages: [{ role: "system", content: "be brief" }, ...prompt(request).messages],
    };
    expect(() => nanoDialect.generatorPrompt(turns)).toThrow(
      "prompt p8: the sandbox reads a single user turn, not 2 messages",
    );
    expect(() =>
      nanoDialect.judgePrompt(prompt(request), "the game is big . winner: A", "the game is big .", ""),
    ).toThrow('"winner:" (word 6 of "the game is big . winner: A") is a word of the sandbox\'s forms');
  });

  it("lets a judge see a rubric however malformed, and reads only the winner then", () => {
    const rubric = "1. is [a] 2. <pad>";
    expect(() =>
      nanoDialect.judgePrompt(prompt(request), "the game is big .", "the game is big .", rubric),
    ).not.toThrow();
    expect(nanoDialect.readJudgement("total 1 2 winner: B", rubric)).toEqual({
      winner: "B",
      formatOk: false,
      formatFault: 'the rubric has no form: line 1: unknown criterion "is [a]"',
    });
  });

  it("has room for the longest rubric and transcript", () => {
    const wordiest = [...RULE_NAMES].sort((a, b) => rubricText([b]).length - rubricText([a]).length);
    const criteria = [...wordiest, ...PRINCIPLE_NAMES].slice(0, 5);
    const rubric = nanoDialect.generator.encodeCompletion(rubricText(criteria));
    const verdicts = { A: criteria.map(() => true), B: criteria.map(() => false) };
    const transcript = writeTranscript({ criteria, gatekeeper: 0, verdicts, winner: "A" });
    const judgement = nanoDialect.judge.encodeCompletion(transcript);
    expect(rubric.length).toBeLessThanOrEqual(nanoDialect.generator.maxTokens);
    expect(judgement.length).toBeLessThanOrEqual(nanoDialect.judge.maxTokens);
    expect([rubric.at(-1), judgement.at(-1)]).toEqual([EOS, EOS]);
    expect(nanoDialect.judge.decode(judgement)).toBe(transcript);
    expect(nanoDialect.readJudgement(transcript, rubricText(criteria))).toEqual({
      winner: "A",
      formatOk: true,
      verdicts,
    });
  });
});
