/** What one round of a contender does: `responses` × `criteria` calls, one criterion each, `concurrency` under way. */
export interface JudgeLoad {
  readonly baseUrl: string;
  readonly responses: number;
  readonly criteria: number;
  readonly concurrency: number;
  /** The response that is judged. */
  readonly response: string;
}

/** A server's latency and the calls under way. */
export interface JudgeSetting {
  readonly latencyMs: number;
  readonly concurrency: number;
}

/** As the bars name them. */
export const SETTINGS: readonly JudgeSetting[] = [0, 50].flatMap((latencyMs) =>
  [64, 256].map((concurrency) => ({ latencyMs, concurrency })),
);
