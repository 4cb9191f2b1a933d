import { conversationText } from "../data/conversation-text.ts";
import type { Message } from "../data/prompt.ts";
import type { AskedCriterion } from "./criterion-protocol.ts";
import { fenced, fillTemplate, loadPromptTemplate } from "./fill-template.ts";
import type { JudgeTask } from "./rubric-judge.ts";

/** Conversation and response as every judge shows them, each between fences of its own. */
export function shownTask({ prompt, response }: JudgeTask): {
  readonly conversation: string;
  readonly response: string;
} {
  return { conversation: fenced(conversationText(prompt)), response: fenced(response) };
}

/** The paragraph that shows the reference; empty where the task has none. */
export function referenceSection({ reference }: JudgeTask, template: string): string {
  return reference === undefined ? "" : `${fillTemplate(template, { reference: fenced(reference) })}\n`;
}

/** One user message: models without a system role read it too. */
export function userMessage(content: string): readonly Message[] {
  return [{ role: "user", content }];
}

/** The messages with a last paragraph that asks for what an earlier answer left out. */
export function askedAgain(messages: readonly Message[], note: string): readonly Message[] {
  const last = messages.at(-1)!;
  return [...messages.slice(0, -1), { ...last, content: `${last.content}\n\n${note}` }];
}

/** `- c1: text`; a text of several lines is fenced, so that it cannot pass for further criteria. */
export function criterionLine({ key, criterion }: AskedCriterion): string {
  return `- ${key}: ${statementText(criterion.text)}`;
}

/** A statement on one line as it is, a longer one between fences. */
export function statementText(text: string): string {
  const trimmed = text.trim();
  return trimmed.includes("\n") ? `\n${fenced(trimmed)}` : trimmed;
}

/** The prompt templates of one mode, read once. */
export function wordings<N extends string>(...names: readonly N[]): Readonly<Record<N, string>> {
  return Object.fromEntries(names.map((name) => [name, loadPromptTemplate(name)])) as Record<N, string>;
}
