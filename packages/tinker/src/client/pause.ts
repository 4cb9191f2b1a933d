/** Waits, but no longer than until the signal fires. The timer alone does not keep a process alive that is done. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}

/** Full jitter: a random part of min(longest, base · 2^attempt), so that many clients do not come back at once. */
export function jittered(attempt: number, base: number, longest: number): number {
  return Math.random() * Math.min(longest, base * 2 ** attempt);
}
