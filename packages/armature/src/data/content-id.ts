import { createHash } from "node:crypto";
import type { Message } from "./prompt.ts";

/** Id of a prompt: equal messages have equal ids in every file and run. 64 bits in hexadecimal. */
export function promptId(messages: readonly Message[]): string {
  return contentId(messages.map(({ role, content }) => [role, content]));
}

/** Id of a preference pair: of its prompt, the chosen and the rejected response, in this order. */
export function pairId(messages: readonly Message[], chosen: string, rejected: string): string {
  return contentId([promptId(messages), chosen, rejected]);
}

/** First 64 bits of the SHA-256 of the value's JSON, in hexadecimal. */
export function contentId(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}
