import { ArmatureError } from "../errors.ts";
import type { FailureKind } from "../failure.ts";
import type { Usage } from "./language-model.ts";

/** What a failed call tells beside its message. */
export interface ModelCallFacts {
  readonly kind: FailureKind;
  /** True where the same request may succeed later. */
  readonly retryable: boolean;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** What the server asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** What the failed call took, where that is known; absent where a server may have worked on it. */
  readonly usage?: Usage;
}

/** A call of a language model that gave no answer. The message names the model's id, what happened and the mend. */
export class ModelCallError extends ArmatureError {
  override readonly name = "ModelCallError";
  readonly kind: FailureKind;
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly usage: Usage | undefined;

  constructor(message: string, facts: ModelCallFacts, options?: ErrorOptions) {
    super(message, options);
    this.kind = facts.kind;
    this.retryable = facts.retryable;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
    this.usage = facts.usage;
  }

  static override isInstance(error: unknown): error is ModelCallError {
    return ArmatureError.isInstance(error) && error.name === "ModelCallError";
  }
}
