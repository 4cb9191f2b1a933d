/** How long and how often a client tries. Times in milliseconds, sizes in bytes. */
export interface ClientLimits {
  /** One HTTP call, default 60 s. */
  readonly requestMs: number;
  /** One poll for a result; a poll that takes longer is made again. Default 45 s. */
  readonly pollMs: number;
  /** Time without any answer of the server after which a wait ends. Default five minutes. */
  readonly idleMs: number;
  /** Time from the submission of a request to its result; default none. */
  readonly deadlineMs: number;
  /** Attempts of one call, default 10. */
  readonly attempts: number;
  /** Full jitter: before attempt n + 1 a random part of min(longestPauseMs, pauseMs · 2ⁿ). Default 500 and 10,000. */
  readonly pauseMs: number;
  readonly longestPauseMs: number;
  /** Longest wait for a server that answers 402 (pay first); default an hour, or what the server says. */
  readonly billingMs: number;
  /** Largest body of an answer, default 1 GiB. */
  readonly replyBytes: number;
  /** Samples under way at once, default 1000 or what the server says. */
  readonly concurrentSamples: number;
  /** Between two heartbeats of the session, default 10 s. */
  readonly heartbeatMs: number;
}

/** What a client does unless it is told otherwise. */
export const DEFAULT_LIMITS: ClientLimits = {
  requestMs: 60_000,
  pollMs: 45_000,
  idleMs: 300_000,
  deadlineMs: Number.POSITIVE_INFINITY,
  attempts: 10,
  pauseMs: 500,
  longestPauseMs: 10_000,
  billingMs: 3_600_000,
  replyBytes: 2 ** 30,
  concurrentSamples: 1000,
  heartbeatMs: 10_000,
};
