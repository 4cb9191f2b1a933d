import type { Message } from "../../data/prompt.ts";
import { messagesOf } from "../../data/row-fields.ts";
import { type Field, type OpenRow, promptText } from "./field.ts";

/** A prompt in two fields, the system's text and the user's, as one list while the row is read; longer ones stay a text. */
export function systemAndUser(
  system: string,
  user: string,
): {
  readonly prompt: Field<readonly Message[]>;
  readonly reshape: { read(row: OpenRow): OpenRow; write(row: OpenRow): OpenRow };
} {
  return {
    prompt: {
      path: user,
      decode: (raw) => (Array.isArray(raw) ? messagesOf(raw, user) : promptText(user).decode(raw)),
      encode: (messages) =>
        isPair(messages)
          ? messages.map(({ role, content }) => ({ role, content }))
          : promptText(user).encode(messages),
    },
    reshape: {
      read: (row) => {
        const { [system]: instruction, ...rest } = row;
        if (typeof instruction !== "string" || instruction.trim() === "" || typeof row[user] !== "string")
          return row;
        return {
          ...rest,
          [user]: [
            { role: "system", content: instruction },
            { role: "user", content: row[user] },
          ],
        };
      },
      write: (row) => {
        const messages = row[user];
        if (!Array.isArray(messages) || !isPair(messages)) return row;
        return { ...row, [system]: messages[0]!.content, [user]: messages[1]!.content };
      },
    },
  };
}

function isPair(messages: readonly Message[]): boolean {
  return messages.length === 2 && messages[0]!.role === "system";
}
