const MARK = Symbol.for("armature.error");

/**
 * Root of the errors that tell a user what to mend: one line with where (file, line, field), what is wrong and the mend.
 * Anything else that reaches the command line is a fault of this program and is printed as one.
 */
export class ArmatureError extends Error {
  override readonly name: string = "ArmatureError";

  constructor(message: string, options?: ErrorOptions) {
    // Quoted input may hold line breaks, which would tear a report of one error a line.
    super(message.replace(/\s*[\r\n]+\s*/g, " "), options);
  }

  /** The class's own name, found through a registered symbol so that two copies of the package agree. */
  get [MARK](): string {
    return this.name;
  }

  /** True for errors of this class and its subclasses, also from another copy of the package. */
  static isInstance(error: unknown): error is ArmatureError {
    return typeof error === "object" && error !== null && MARK in error;
  }
}

/** A recipe, an option or an argument that cannot be used as written. */
export class ConfigError extends ArmatureError {
  override readonly name = "ConfigError";

  static override isInstance(error: unknown): error is ConfigError {
    return ArmatureError.isInstance(error) && error[MARK] === "ConfigError";
  }
}

/** Input data that cannot be used: the message names file, line and field. */
export class DataError extends ArmatureError {
  override readonly name = "DataError";

  static override isInstance(error: unknown): error is DataError {
    return ArmatureError.isInstance(error) && error[MARK] === "DataError";
  }
}

/** A model, or its sampler, that does not fit what it is asked to do. */
export class ModelError extends ArmatureError {
  override readonly name = "ModelError";

  static override isInstance(error: unknown): error is ModelError {
    return ArmatureError.isInstance(error) && error[MARK] === "ModelError";
  }
}

/** A run directory that cannot be created, resumed or written. */
export class RunError extends ArmatureError {
  override readonly name = "RunError";

  static override isInstance(error: unknown): error is RunError {
    return ArmatureError.isInstance(error) && error[MARK] === "RunError";
  }
}
