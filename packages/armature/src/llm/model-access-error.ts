import { ArmatureError } from "../errors.ts";

/**
 * A model that will answer no request as it is set up: a refused key, an unknown name or address, an account without quota.
 * It is no failure of one call and never becomes a verdict: whoever asks stops, so that thousands of questions do not fail
 * one by one. The message names the model's id, what happened and the mend.
 */
export class ModelAccessError extends ArmatureError {
  override readonly name = "ModelAccessError";

  static override isInstance(error: unknown): error is ModelAccessError {
    return ArmatureError.isInstance(error) && error.name === "ModelAccessError";
  }
}
