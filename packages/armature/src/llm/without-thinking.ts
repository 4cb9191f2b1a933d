const OPEN = "<think>";
const CLOSE = "</think>";

/**
 * A reply without the thoughts before it, also where the opening mark stood in the chat template and only the closing one
 * was written. A reply that ends inside its thoughts is empty.
 */
export function withoutThinking(reply: string): string {
  const end = reply.lastIndexOf(CLOSE);
  if (end >= 0) return reply.slice(end + CLOSE.length).trim();
  return reply.trimStart().startsWith(OPEN) ? "" : reply.trim();
}
