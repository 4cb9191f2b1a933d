import { appendFileSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RowJournal } from "./row-journal.ts";

const newPath = (): string => join(mkdtempSync(join(tmpdir(), "armature-journal-")), "log.jsonl");

describe("a journal of rows", () => {
  test("gives back what was appended, also after a kill in the middle of a line", () => {
    const path = newPath();
    const first = RowJournal.open<{ n: number }>(path, { method: "a" });
    first.append("x", { n: 1 });
    first.append("y", { n: 2 });
    first.close();
    appendFileSync(path, '{"key": "z", "resu');
    const second = RowJournal.open<{ n: number }>(path, { method: "a" });
    expect([second.get("x"), second.get("y"), second.get("z")]).toEqual([{ n: 1 }, { n: 2 }, undefined]);
    second.append("z", { n: 3 });
    second.close();
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(5);
    const third = RowJournal.open<{ n: number }>(path, { method: "a" });
    expect(third.get("z")).toEqual({ n: 3 });
    third.remove();
    expect(existsSync(path)).toBe(false);
  });

  test("a row that is appended again has its last result", () => {
    const path = newPath();
    const journal = RowJournal.open<number>(path, {});
    journal.append("x", 1);
    journal.append("x", 2);
    journal.close();
    expect(RowJournal.open<number>(path, {}).get("x")).toBe(2);
  });

  test("is refused to a job with other settings, with what changed", () => {
    const path = newPath();
    RowJournal.open(path, { method: "a", rounds: 4 }).close();
    expect(() => RowJournal.open(path, { method: "a", rounds: 2 })).toThrow(
      "holds an unfinished job whose rounds was 4, not 2",
    );
    expect(() => RowJournal.open(path, { method: "a", rounds: 4, tau: 1 })).toThrow(
      "whose tau was null, not 1",
    );
    expect(() => RowJournal.open(path, { method: "a", rounds: 4 }).close()).not.toThrow();
  });

  test.each(["hello\n", '{"a": 1}\n', "null\n"])("another file is refused and left as it is: %j", (text) => {
    const path = newPath();
    writeFileSync(path, text);
    expect(() => RowJournal.open(path, { method: "a" })).toThrow("is not the log of a job");
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});
