import type { ChatBody } from "../llm/chat-server.ts";

/**
 * Answers as a judge would, by a rule that a test can compute: a criterion "Says WORD." holds where the response has the word.
 * It reads our own wording and the pairwise one, whose better response is the one that says "good".
 */
export function judgeByWords({ messages }: ChatBody): string {
  const question = messages.at(-1)!.content;
  if (question.includes("--- Final Judgment ---")) return transcript(question);
  const response = between(question, "The response:\n```\n", "\n```");
  if (question.includes('"rating"'))
    return JSON.stringify({ reason: "length", rating: Math.min(10, response.length) });
  const listed = question.slice(question.indexOf("The criteria:"));
  return Array.from(listed.matchAll(/^- (c\d+): Says (\w+)\./gm), ([, id, word]) =>
    JSON.stringify({ id, reason: `looked for ${word}`, verdict: response.includes(word!) ? "yes" : "no" }),
  ).join("\n");
}

function transcript(question: string): string {
  const first = between(question, "Response A:\n```\n", "\n```");
  return `--- Compliance Check ---
Identified Gatekeeper Criterion: none
--- Analysis ---
**Response A:**
- Criterion 1 [Principle]: Justification: x
**Response B:**
- Criterion 1 [Principle]: Justification: y
--- Final Judgment ---
Justification: z
Winner: Response ${first.includes("good") ? "A" : "B"}`;
}

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start) + start.length;
  return text.slice(from, text.indexOf(end, from));
}
