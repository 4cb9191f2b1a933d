/** Whose fault a failure is: the caller's (`user`), the server's (`server`), the connection's, or unknown. */
export type ErrorKind = "user" | "server" | "connection" | "cancelled" | "unknown";

const MARK = Symbol.for("armature.tinker.error");

/** The one error class of the protocol. `kind` says whose fault, `retryable` whether the same request may succeed later. */
export class TinkerError extends Error {
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly [MARK] = true;

  constructor(kind: ErrorKind, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "TinkerError";
    this.kind = kind;
    this.retryable = options.retryable ?? kind === "connection";
  }

  /** True for errors of this class, also from another copy of the package. */
  static isInstance(error: unknown): error is TinkerError {
    return typeof error === "object" && error !== null && MARK in error;
  }
}
