import { describe, expect, it } from "vitest";
import * as build from "../graph/build.ts";
import { GraphSession } from "./session.ts";
import { SessionCache } from "./session-cache.ts";

const plus = (n: number) => () =>
  GraphSession.create({ y: build.add(build.input("x", [1]), n) }, { threads: 1 });
const run = async (session: GraphSession) => (await session.run({ x: Float32Array.of(1) }))["y"]![0];

describe("SessionCache", () => {
  it("builds a session once and releases the one unused for longest", async () => {
    const cache = new SessionCache({ sessions: 2 });
    const a = await cache.get("a", plus(10));
    const b = await cache.get("b", plus(20));
    expect(await cache.get("a", plus(99))).toBe(a);
    const c = await cache.get("c", plus(30));
    expect([await run(a), await run(c)]).toEqual([11, 31]);
    await expect(run(b)).rejects.toThrow("released");
    expect(await run(await cache.get("b", plus(21)))).toBe(22);
    await cache.release();
    await expect(run(c)).rejects.toThrow("released");
  });

  it("keeps only as many as their memory allows, and the last one whatever it needs", async () => {
    const cache = new SessionCache({ sessions: 9, bytes: 100 });
    const a = await cache.get("a", plus(1), 40);
    const b = await cache.get("b", plus(2), 40);
    await cache.get("a", plus(1), 40);
    const c = await cache.get("c", plus(3), 50);
    await expect(run(b)).rejects.toThrow("released");
    expect([await run(a), await run(c)]).toEqual([2, 4]);
    const large = await cache.get("large", plus(4), 1000);
    await expect(run(a)).rejects.toThrow("released");
    await expect(run(c)).rejects.toThrow("released");
    expect(await run(large)).toBe(5);
    await cache.release();
  });

  it("builds once for two callers at a time", async () => {
    const cache = new SessionCache({ sessions: 2 });
    const [first, second] = await Promise.all([cache.get("a", plus(1)), cache.get("a", plus(2))]);
    expect(first).toBe(second);
    await cache.release();
  });

  it("tries again after a failure", async () => {
    const cache = new SessionCache({ sessions: 1 });
    await expect(cache.get("a", () => Promise.reject(new Error("no memory")))).rejects.toThrow("no memory");
    expect(await run(await cache.get("a", plus(1)))).toBe(2);
    await cache.release();
  });
});
