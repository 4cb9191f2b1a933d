import type { Prompt } from "./prompt.ts";

/** How a prompt is shown inside another one: a lone user's turn as it is, a longer conversation with each turn under its speaker. */
export function conversationText({ messages }: Prompt): string {
  if (messages.length === 1) return messages[0]!.content;
  return messages.map(({ role, content }) => `[${role}]\n${content}`).join("\n\n");
}
