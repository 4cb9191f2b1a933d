import { SeededStream } from "@armature/engine";
import { describe, expect, it } from "vitest";
import {
  drillLesson,
  generatorLessons,
  judgeLessons,
  judgementLesson,
  type Lesson,
  rubricLesson,
  tallyLesson,
} from "./lessons.ts";
import { PRINCIPLE_NAMES, RULE_NAMES, RULES } from "./lexicon.ts";
import { nanoDialect, readJudgePrompt } from "./nano-dialect.ts";
import { decodeWords, EOS, VOCABULARY } from "./nano-vocabulary.ts";
import { readNote } from "./note.ts";
import { readLines } from "./rubric-language.ts";
import { readTranscript, trueVerdicts, writeAnalysis } from "./transcript.ts";

const COUNT = 1000;
const many = (teach: (stream: SeededStream) => Lesson) => {
  const stream = new SeededStream(21, "lessons");
  return Array.from({ length: COUNT }, () => teach(stream));
};
const longest = (lessons: readonly Lesson[], part: "prompt" | "completion") =>
  Math.max(...lessons.map((lesson) => lesson[part].length));

describe("lessons", () => {
  it.each([
    ["rubric", rubricLesson, 40, nanoDialect.generator.maxTokens],
    ["judgement", judgementLesson, 132, nanoDialect.judge.maxTokens],
    ["drill", drillLesson, 132, nanoDialect.judge.maxTokens],
    ["tally", tallyLesson, 40, 10],
  ] as const)(
    "of kind %s end with the end token and keep within the limits",
    (kind, teach, prompt, completion) => {
      const lessons = many(teach);
      expect(longest(lessons, "prompt")).toBeLessThanOrEqual(prompt);
      expect(longest(lessons, "completion")).toBeLessThanOrEqual(completion);
      const odd = lessons.filter(
        (lesson) =>
          lesson.kind !== kind ||
          lesson.completion.indexOf(EOS) !== lesson.completion.length - 1 ||
          lesson.weights.length !== lesson.completion.length,
      );
      expect(odd).toEqual([]);
    },
  );

  it("weigh principles six times", () => {
    for (const lesson of many(rubricLesson).slice(0, 50)) {
      const weights = [...lesson.completion].map((id) =>
        PRINCIPLE_NAMES.some((name) => name === VOCABULARY[id]) ? 6 : 1,
      );
      expect([...lesson.weights]).toEqual(weights);
      expect(weights.filter((weight) => weight === 6).length).toBe(2);
    }
  });

  it("teach rubrics and judgements that the dialect reads", () => {
    const rubrics = many(rubricLesson).map(({ completion }) => nanoDialect.generator.decode(completion));
    expect(rubrics.filter((text) => !nanoDialect.readRubric(text).ok)).toEqual([]);
    const formed = many(judgementLesson).filter(({ prompt, completion }) => {
      const { rubricText } = readJudgePrompt(prompt)!;
      return nanoDialect.readJudgement(nanoDialect.judge.decode(completion), rubricText).formatOk;
    });
    expect(formed.length / COUNT).toBeGreaterThan(0.92);
    expect(formed.length / COUNT).toBeLessThan(0.98);
  });

  it("drill true verdicts, with every rule missing as often as present", () => {
    const seen = new Map<string, number>();
    const wrong: string[] = [];
    for (const { prompt, completion } of many(drillLesson)) {
      const { rubricText, responseA, responseB } = readJudgePrompt(prompt)!;
      const [lines, a, b] = [readLines(rubricText), readNote(responseA), readNote(responseB)];
      if (!lines.ok || !a.ok || !b.ok) throw new Error("a drill is unreadable");
      const verdicts = trueVerdicts(lines.names, a.note, b.note);
      if (decodeWords(completion) !== writeAnalysis(lines.names, verdicts)) wrong.push(rubricText);
      for (const [i, name] of lines.names.entries()) {
        for (const truth of [verdicts.A[i], verdicts.B[i]]) {
          seen.set(`${name} ${truth}`, (seen.get(`${name} ${truth}`) ?? 0) + 1);
        }
      }
    }
    expect(wrong).toEqual([]);
    for (const name of RULE_NAMES) {
      const [yes, no] = [seen.get(`${name} true`)!, seen.get(`${name} false`)!];
      expect(Math.abs(yes / (yes + no) - 0.5), name).toBeLessThan(0.08);
    }
    for (const name of PRINCIPLE_NAMES.slice(0, -2)) {
      const [yes, no] = [seen.get(`${name} true`)!, seen.get(`${name} false`)!];
      expect(yes / (yes + no), name).toBeGreaterThan(0.3);
      expect(yes / (yes + no), name).toBeLessThan(0.7);
    }
  });

  it("give tallies whose completion completes the prompt to a well-formed transcript", () => {
    for (const { prompt, completion } of many(tallyLesson).slice(0, 100)) {
      const given = decodeWords(prompt.slice(2));
      const labels = given
        .slice(given.indexOf(" a:"), given.indexOf(" b:"))
        .match(/(?<=\d\. ).+?(?= (?:yes|no))/g)!;
      const criteria = labels.map(
        (label) =>
          RULE_NAMES.find((name) => RULES[name].label === label) ??
          PRINCIPLE_NAMES.find((name) => name === label)!,
      );
      expect(readTranscript(`${given} ${decodeWords(completion)}`, criteria)).toMatchObject({
        formatOk: true,
      });
    }
  });

  it("come in batches of one kind, drills first and judgements later", () => {
    const stream = new SeededStream(4);
    const shares = (progress: number) => {
      const kinds = { drill: 0, tally: 0, judgement: 0 };
      for (let i = 0; i < 400; i++) {
        const [first, ...others] = judgeLessons(stream, 2, progress);
        const kind = first!.kind as keyof typeof kinds;
        expect(others.map((lesson) => lesson.kind)).toEqual(Array(kind === "tally" ? 3 : 1).fill(kind));
        kinds[kind] += 1 / 400;
      }
      return kinds;
    };
    const [early, late] = [shares(0.2), shares(0.8)];
    for (const [kind, first, second] of [
      ["drill", 0.55, 0.25],
      ["tally", 0.2, 0.15],
      ["judgement", 0.25, 0.6],
    ] as const) {
      expect(Math.abs(early[kind] - first)).toBeLessThan(0.1);
      expect(Math.abs(late[kind] - second)).toBeLessThan(0.1);
    }
    expect(generatorLessons(stream, 5).map(({ kind }) => kind)).toEqual(Array(5).fill("rubric"));
  });
});
