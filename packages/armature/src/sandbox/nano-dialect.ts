import type { TokenIds } from "@armature/tinker";
import type { Prompt } from "../data/prompt.ts";
import { DataError } from "../errors.ts";
import type { Dialect, Speaker } from "../judge/dialect.ts";
import type { PairwiseJudgement } from "../judge/judgement.ts";
import { BOS, decodeWords, EOS, encodeWords, encodeWorldText, idOf } from "./nano-vocabulary.ts";
import { readLines, readRubric, writeRubric } from "./rubric-language.ts";
import { readTranscript, readWinner } from "./transcript.ts";

/** Sections of the prompts. */
const [GENERATE, JUDGE, WRITE] = [idOf("<gen>"), idOf("<judge>"), idOf("<write>")];
const [REQUEST, RUBRIC, RESPONSE_A, RESPONSE_B, NOTE] = ["[request]", "[rubric]", "[a]", "[b]", "[note]"].map(
  idOf,
) as [number, number, number, number, number];

/** Longest completion of each model with its end token; the tests check that no text of the world is longer. */
const MOST_TOKENS = { rubric: 34, transcript: 60, note: 40 } as const;

/** Single words for sections, line numbers and kinds: the paper's forms, short enough for models of 0.1 to 0.4 M parameters. */
export const nanoDialect: Dialect = {
  name: "nano",
  generator: speaker(MOST_TOKENS.rubric),
  judge: speaker(MOST_TOKENS.transcript),
  generatorPrompt: (prompt) => tokens(BOS, GENERATE, REQUEST, ...requestTokens(prompt), RUBRIC),
  readRubric,
  writeRubric,
  judgePrompt: (prompt, responseA, responseB, rubricText) =>
    judgePromptTokens(requestTokens(prompt), responseA, responseB, rubricText),
  readJudgement,
};

/** A policy that writes notes: what it reads, and how its completions are spoken. */
export const nanoWriter = {
  speaker: speaker(MOST_TOKENS.note),
  prompt: (prompt: Prompt): TokenIds => tokens(BOS, WRITE, REQUEST, ...requestTokens(prompt), NOTE),
} as const;

/** A judge's prompt without a request: what drills show. */
export function drillPrompt(responseA: string, responseB: string, rubricText: string): Int32Array {
  return judgePromptTokens(null, responseA, responseB, rubricText);
}

/** A judge's prompt that gives the first words of its own transcript: what tallies show. */
export function tallyPrompt(transcript: string): Int32Array {
  return tokens(BOS, JUDGE, ...encodeWords(transcript));
}

/** The parts of a judge's prompt; null where it is none. */
export function readJudgePrompt(
  prompt: TokenIds,
): { rubricText: string; responseA: string; responseB: string } | null {
  const ids = [...prompt];
  const [rubric, a, b, end] = [
    ids.indexOf(RUBRIC),
    ids.indexOf(RESPONSE_A),
    ids.indexOf(RESPONSE_B),
    ids.length - 1,
  ];
  if (!(rubric >= 0 && rubric < a && a < b && ids[end] === JUDGE)) return null;
  const between = (start: number, stop: number) => decodeWords(ids.slice(start + 1, stop));
  return { rubricText: between(rubric, a), responseA: between(a, b), responseB: between(b, end) };
}

function judgePromptTokens(
  request: readonly number[] | null,
  a: string,
  b: string,
  rubricText: string,
): Int32Array {
  return tokens(
    BOS,
    JUDGE,
    ...(request === null ? [] : [REQUEST, ...request]),
    RUBRIC,
    ...encodeWords(rubricText),
    RESPONSE_A,
    ...encodeWorldText(a),
    RESPONSE_B,
    ...encodeWorldText(b),
    JUDGE,
  );
}

function readJudgement(text: string, rubricText: string): PairwiseJudgement {
  const lines = readLines(rubricText);
  if (lines.ok) return readTranscript(text, lines.names);
  return {
    winner: readWinner(text.split(/\s+/)),
    formatOk: false,
    formatFault: `the rubric has no form: ${lines.fault}`,
  };
}

function requestTokens(prompt: Prompt): number[] {
  const [turn, ...more] = prompt.messages;
  if (turn?.role !== "user" || more.length > 0) {
    throw new DataError(
      `prompt ${prompt.id}: the sandbox reads a single user turn, not ${prompt.messages.length} messages`,
    );
  }
  return encodeWorldText(turn.content);
}

function speaker(maxTokens: number): Speaker {
  return {
    decode: decodeWords,
    encodeCompletion: (text) => tokens(...encodeWords(text), EOS),
    stop: [EOS],
    maxTokens,
  };
}

function tokens(...ids: readonly number[]): Int32Array {
  return Int32Array.from(ids);
}
