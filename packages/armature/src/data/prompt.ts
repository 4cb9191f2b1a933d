/** One turn of a conversation. */
export interface Message {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** What a response answers: a conversation that ends with the user's turn. */
export interface Prompt {
  readonly id: string;
  readonly messages: readonly Message[];
}

/** Two responses to one prompt, the first preferred. */
export interface PreferencePair {
  readonly id: string;
  readonly prompt: Prompt;
  readonly chosen: string;
  readonly rejected: string;
  /** How much better the chosen response is, where the file says so (`pairMargin`). */
  readonly margin?: number;
  /** Where the pair was read. */
  readonly source?: { readonly file: string; readonly line: number };
}

/** The user's last turn. */
export function lastUserTurn(prompt: Prompt): string {
  return prompt.messages.findLast((message) => message.role === "user")?.content ?? "";
}
