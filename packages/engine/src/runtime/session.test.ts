import { describe, expect, it } from "vitest";
import { FeedError, ShapeError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { GraphSession } from "./session.ts";

const x = build.input("x", [2]);
const tokens = build.input("tokens", [2], "int32");
const table = build.input("table", [3, 2]);
const outputs = { y: build.mul(build.gatherRows(table, tokens), x) };
const feeds = {
  x: Float32Array.of(1, 10),
  tokens: Int32Array.of(2, 0),
  table: Float32Array.of(1, 2, 3, 4, 5, 6),
};
const create = () => GraphSession.create(outputs, { threads: 1 });

describe("GraphSession", () => {
  it("reads feeds in place: changed weights need no new session", async () => {
    const session = await create();
    expect(await session.run(feeds)).toEqual({ y: Float32Array.of(5, 60, 1, 20) });
    const weights = new Float32Array(8).subarray(1, 7);
    weights.set([1, 2, 3, 4, 5, 6]);
    expect((await session.run({ ...feeds, table: weights }))["y"]).toEqual(Float32Array.of(5, 60, 1, 20));
    weights[0] = -1;
    expect((await session.run({ ...feeds, table: weights }))["y"]).toEqual(Float32Array.of(5, 60, -1, 20));
    await session.release();
  });

  it("takes one array for inputs of different shapes", async () => {
    const flat = build.input("flat", [4]);
    const column = build.input("column", [4, 1]);
    const sums = { sum: build.add(flat, build.reduceSum(build.reduceSum(column, 0, false), 0, false)) };
    const session = await GraphSession.create(sums, { threads: 1 });
    const shared = Float32Array.of(1, 2, 3, 4);
    for (let repeat = 0; repeat < 2; repeat++)
      expect((await session.run({ flat: shared, column: shared }))["sum"]).toEqual(
        Float32Array.of(11, 12, 13, 14),
      );
    await session.release();
  });

  it("bakes initializers in", async () => {
    const session = await GraphSession.create(outputs, {
      threads: 1,
      initializers: new Map([["table", feeds.table]]),
    });
    expect(session.inputs.map(({ name }) => name)).toEqual(["x", "tokens"]);
    const { table: _, ...others } = feeds;
    expect((await session.run(others))["y"]).toEqual(Float32Array.of(5, 60, 1, 20));
    await session.release();
  });

  const { x: _, ...withoutX } = feeds;
  const wrong: readonly (readonly [string, Parameters<GraphSession["run"]>[0], string])[] = [
    ["missing", withoutX, "input x is missing; feed float32[2]"],
    ["unknown", { ...feeds, z: feeds.x }, "the graph reads no input z"],
    ["too long", { ...feeds, x: new Float32Array(3) }, "input x is [2], 2 values; got 3"],
    ["of another type", { ...feeds, tokens: feeds.x }, "input tokens is int32; got a Float32Array"],
  ];
  for (const [what, given, message] of wrong)
    it(`says which feed is ${what}`, async () => {
      const session = await create();
      await expect(session.run(given)).rejects.toThrow(new FeedError(message));
      await session.release();
    });

  it("refuses results that are not float32", async () => {
    await expect(GraphSession.create({ next: build.add(tokens, 1) }, { threads: 1 })).rejects.toThrow(
      new ShapeError("output next is int32; cast it to float32"),
    );
  });

  it("ends runs already begun before it is released, and then takes no more", async () => {
    const session = await create();
    const runs = [session.run(feeds), session.run(feeds)];
    await session.release();
    await session.release();
    for (const { y } of await Promise.all(runs)) expect(y).toEqual(Float32Array.of(5, 60, 1, 20));
    await expect(session.run(feeds)).rejects.toThrow("this session was released");
  });
});
