/**
 * What went wrong, and by that whose fault it is:
 * - `user`: the request cannot be done as it was made; the same request fails again
 * - `server`: the server failed at a request that it had accepted, or answers with status 5xx
 * - `connection`: no answer, or none in time
 * - `protocol`: the answer is not what the protocol says
 * - `auth`: the key is missing, wrong or not allowed to do this
 * - `billing`: the server wants to be paid first (status 402)
 * - `expired`: the server no longer knows the request, the model or the session
 * - `cancelled`: the caller gave it up
 */
export type ErrorKind =
  | "user"
  | "server"
  | "connection"
  | "protocol"
  | "auth"
  | "billing"
  | "expired"
  | "cancelled"
  | "unknown";

const MARK = Symbol.for("armature.tinker.error");

/** What is known about the request that failed. */
export interface ErrorFacts {
  readonly cause?: unknown;
  readonly retryable?: boolean;
  /** HTTP status of the answer. */
  readonly status?: number;
  /** The server's id of the request. */
  readonly requestId?: string;
  /** The request's number in its model's order. */
  readonly seqId?: number;
}

/** The one error class of the protocol. `kind` says whose fault, `retryable` whether the same request may succeed later. */
export class TinkerError extends Error {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly seqId: number | undefined;
  readonly [MARK] = true;

  constructor(kind: ErrorKind, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "TinkerError";
    this.kind = kind;
    this.retryable = facts.retryable ?? kind === "connection";
    this.status = facts.status;
    this.requestId = facts.requestId;
    this.seqId = facts.seqId;
  }

  /** True for errors of this class, also from another copy of the package. */
  static isInstance(error: unknown): error is TinkerError {
    return typeof error === "object" && error !== null && MARK in error;
  }
}
