import { mapConcurrently } from "../llm/map-concurrently.ts";

/**
 * Runs the parts of one judgement at the same time; how many calls really are under way is the model's limiter's affair. The
 * first part that rejects, and `signal`, cancel the others.
 */
export async function siblingCalls<T, R>(
  parts: readonly T[],
  call: (part: T, signal: AbortSignal) => Promise<R>,
  signal: AbortSignal | undefined,
): Promise<R[]> {
  if (parts.length === 0) return [];
  return mapConcurrently(parts, (part, _, own) => call(part, own), {
    concurrency: parts.length,
    ...(signal !== undefined && { signal }),
  });
}
