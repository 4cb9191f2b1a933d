import type { TokenIds } from "@armature/tinker";
import { conversationText } from "../data/conversation-text.ts";
import type { Message, Prompt } from "../data/prompt.ts";
import { ModelError } from "../errors.ts";
import { countArmItems, readArmText, writeArmText } from "../rubric/arm-text.ts";
import type { Dialect, Speaker } from "./dialect.ts";
import { fenced, fillTemplate, loadPromptTemplate } from "./fill-template.ts";
import { readPaperTranscript } from "./paper-format.ts";

/** A chat model's tokenizer and template. */
export interface ChatEncoder {
  /** The messages as the model was trained to read them, thinking disabled, with the assistant's turn opened if asked. */
  encodeChat(messages: readonly Message[], options: { readonly addGenerationPrompt: boolean }): Int32Array;
  /** Plain text, without special tokens. */
  encode(text: string): Int32Array;
  decode(tokens: TokenIds): string;
  /** Tokens that end a turn; the first is the one that the model is taught to write. */
  readonly eosTokens: readonly number[];
}

/** Longest rubric and longest judgement in tokens (Rubric-ARM, table 9). */
export const PAPER_LIMITS = { rubricTokens: 512, judgementTokens: 1024 } as const;

/**
 * The dialect of Rubric-ARM (appendix E): one user message for each task, rubrics as numbered lines with tags, judgements
 * in three sections. The prompts' wording is ours. Throws `ModelError` for a tokenizer without an end token.
 */
export function paperDialect(
  encoder: ChatEncoder,
  limits: { readonly rubricTokens: number; readonly judgementTokens: number } = PAPER_LIMITS,
): Dialect {
  const endToken = encoder.eosTokens[0];
  if (endToken === undefined)
    throw new ModelError("the tokenizer names no end token; set eos_token in tokenizer_config.json");
  const messages = paperMessages();
  const speaker = (maxTokens: number): Speaker => ({
    decode: (tokens) => encoder.decode(withoutEnd(tokens, encoder.eosTokens)),
    encodeCompletion: (text) => Int32Array.from([...encoder.encode(text), endToken]),
    stop: encoder.eosTokens,
    maxTokens,
  });
  const ask = (asked: readonly Message[]) => encoder.encodeChat(asked, { addGenerationPrompt: true });
  return {
    name: "paper",
    generator: speaker(limits.rubricTokens),
    judge: speaker(limits.judgementTokens),
    generatorPrompt: (prompt) => ask(messages.generator(prompt)),
    readRubric: readArmText,
    writeRubric: writeArmText,
    judgePrompt: (prompt, responseA, responseB, rubricText) =>
      ask(messages.judge(prompt, responseA, responseB, rubricText)),
    readJudgement: (text, rubricText) => readPaperTranscript(text, countArmItems(rubricText)),
  };
}

/** What the paper's dialect says to the models, before any chat template: also the prompts of a supervised warm-up. */
export interface PaperMessages {
  generator(prompt: Prompt): readonly Message[];
  judge(prompt: Prompt, responseA: string, responseB: string, rubricText: string): readonly Message[];
}

export function paperMessages(): PaperMessages {
  const rubricTemplate = loadPromptTemplate("rubric-generation");
  const judgeTemplate = loadPromptTemplate("pairwise-judge");
  const userTurn = (content: string): Message[] => [{ role: "user", content }];
  return {
    generator: (prompt) =>
      userTurn(fillTemplate(rubricTemplate, { prompt: fenced(conversationText(prompt)) })),
    judge: (prompt, responseA, responseB, rubricText) =>
      userTurn(
        fillTemplate(judgeTemplate, {
          instruction: fenced(conversationText(prompt)),
          rubric: fenced(rubricText),
          response_a: fenced(responseA),
          response_b: fenced(responseB),
        }),
      ),
  };
}

function withoutEnd(tokens: TokenIds, endTokens: readonly number[]): TokenIds {
  const end = tokens.findIndex((token) => endTokens.includes(token));
  return end < 0 ? tokens : tokens.slice(0, end);
}
