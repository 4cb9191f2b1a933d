import { describe, expect, it, vi } from "vitest";
import { ArmatureError, ConfigError, DataError, ModelError, RunError } from "./errors.ts";

describe("ArmatureError", () => {
  it("is one line, whatever it quotes", () => {
    const error = new DataError('pairs.jsonl:3: "a\n  b\r\nc" is no winner; write A or B');
    expect(error.message).toBe('pairs.jsonl:3: "a b c" is no winner; write A or B');
  });

  it("keeps its cause and its class", () => {
    const cause = new Error("disk");
    const error = new ModelError("no weights", { cause });
    expect(error.cause).toBe(cause);
    expect(error).toBeInstanceOf(ArmatureError);
    expect(String(error)).toBe("ModelError: no weights");
  });

  it("tells the classes apart", () => {
    const classes = [ConfigError, DataError, ModelError, RunError];
    for (const made of classes) {
      const error = new made("x");
      expect(ArmatureError.isInstance(error)).toBe(true);
      expect(classes.filter((asked) => asked.isInstance(error))).toEqual([made]);
    }
    for (const other of [new Error("x"), null, undefined, "DataError", { name: "DataError" }]) {
      expect(classes.some((asked) => asked.isInstance(other))).toBe(false);
      expect(ArmatureError.isInstance(other)).toBe(false);
    }
  });

  it("recognises errors of another copy of the package", async () => {
    vi.resetModules();
    const copy = await import("./errors.ts");
    expect(copy.DataError).not.toBe(DataError);
    expect(DataError.isInstance(new copy.DataError("x"))).toBe(true);
    expect(ConfigError.isInstance(new copy.DataError("x"))).toBe(false);
  });
});
