import { describe, expect, it } from "vitest";
import { TinkerError } from "../errors.ts";
import { FutureTable } from "./future-table.ts";
import type { HttpFault } from "./http-fault.ts";

const never = new AbortController().signal;
const result = (value: number) => async () => ({ json: () => ({ value }) });
const valueAt = async (table: FutureTable, id: string) => {
  const outcome = await table.wait(id, 1000, never);
  return outcome?.ok ? outcome.value.json() : outcome;
};

describe("FutureTable", () => {
  it("does a request of the same id and content once", async () => {
    const table = new FutureTable();
    let done = 0;
    const start = async () => {
      done++;
      return { json: () => ({}) };
    };
    expect([table.submit("a", "x", start), table.submit("a", "x", start)]).toEqual(["a", "a"]);
    await table.wait("a", 1000, never);
    expect(done).toBe(1);
  });

  it("takes a request again that did nothing and may be repeated", async () => {
    const table = new FutureTable();
    const fails = () => Promise.reject(new TinkerError("user", "later", { retryable: true }));
    table.submit("a", "x", fails);
    expect(await valueAt(table, "a")).toEqual({ ok: false, error: "later", category: "user" });
    table.submit("a", "x", result(2));
    expect(await valueAt(table, "a")).toEqual({ value: 2 });
  });

  it("says whose fault a failure is", async () => {
    const table = new FutureTable();
    const errors = [new TinkerError("user", "u"), new TinkerError("connection", "c"), new Error("e")];
    errors.forEach((error, i) => void table.submit(`${i}`, "x", () => Promise.reject(error)));
    const outcomes = await Promise.all(errors.map((_, i) => valueAt(table, `${i}`)));
    expect(outcomes.map((outcome) => (outcome as { category: string }).category)).toEqual([
      "user",
      "unknown",
      "server",
    ]);
  });

  it("forgets results that were fetched sooner than those that were not", async () => {
    const table = new FutureTable({ keepFetchedMs: 10, keepMs: 60_000 });
    table.submit("fetched", "x", result(1));
    table.submit("waiting", "x", result(2));
    await valueAt(table, "fetched");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await valueAt(table, "waiting")).toEqual({ value: 2 });
    await expect(table.wait("fetched", 0, never)).rejects.toThrow(
      "request fetched is not known here (any more)",
    );
  });

  it("keeps no more results than it may, and refuses more requests than may be under way", async () => {
    const table = new FutureTable({ pending: 2, results: 1 });
    table.submit("a", "x", result(1));
    await valueAt(table, "a");
    table.submit("b", "x", result(2));
    await valueAt(table, "b");
    const endless = () => new Promise<never>(() => undefined);
    table.submit("c", "x", endless);
    table.submit("d", "x", endless);
    await expect(table.wait("a", 0, never)).rejects.toThrow("not known");
    expect(await valueAt(table, "b")).toEqual({ value: 2 });
    let status = 0;
    try {
      table.submit("e", "x", endless);
    } catch (error) {
      status = (error as HttpFault).status;
    }
    expect(status).toBe(429);
  });
});
