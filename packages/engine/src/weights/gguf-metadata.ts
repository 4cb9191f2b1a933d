import { ModelFileError } from "../errors.ts";

export type GgufValue = number | bigint | boolean | string | readonly GgufValue[];

/** A GGUF file's key-value pairs. A getter yields undefined for an absent key and throws for one of another type. */
export class GgufMetadata {
  readonly #path: string;
  readonly #values: ReadonlyMap<string, GgufValue>;

  constructor(path: string, values: ReadonlyMap<string, GgufValue>) {
    this.#path = path;
    this.#values = values;
  }

  number(key: string): number | undefined {
    return this.#typed(key, "a number", (value) => typeof value === "number");
  }

  text(key: string): string | undefined {
    return this.#typed(key, "text", (value) => typeof value === "string");
  }

  flag(key: string): boolean | undefined {
    return this.#typed(key, "true or false", (value) => typeof value === "boolean");
  }

  numbers(key: string): readonly number[] | undefined {
    return this.#typed(key, "a list of numbers", isListOf<number>("number"));
  }

  texts(key: string): readonly string[] | undefined {
    return this.#typed(key, "a list of texts", isListOf<string>("string"));
  }

  /** `value` where it is present; otherwise an error that names the key. */
  required<T>(key: string, value: T | undefined): T {
    if (value === undefined) throw new ModelFileError(`${this.#path}: metadata key ${key} is missing`);
    return value;
  }

  #typed<T extends GgufValue>(key: string, expected: string, is: (v: GgufValue) => v is T): T | undefined {
    const value = this.#values.get(key);
    if (value === undefined || is(value)) return value;
    throw new ModelFileError(`${this.#path}: metadata key ${key} must be ${expected}`);
  }
}

function isListOf<T extends GgufValue>(type: string): (value: GgufValue) => value is readonly T[] {
  return (value): value is readonly T[] =>
    Array.isArray(value) && value.every((item) => typeof item === type);
}
