import { describe, expect, it } from "vitest";
import { SeededStream } from "./seeded-stream.ts";

const draws = (stream: SeededStream, count: number) => Array.from({ length: count }, () => stream.next());

describe("SeededStream", () => {
  it("repeats for the same seed and names and differs for others", () => {
    const first = draws(new SeededStream(7, "order", 3), 5);
    expect(draws(new SeededStream(7, "order", 3), 5)).toEqual(first);
    expect(draws(new SeededStream(7, "order", 4), 5)).not.toEqual(first);
    expect(draws(new SeededStream(8, "order", 3), 5)).not.toEqual(first);
  });

  it("continues exactly from a saved state", () => {
    const stream = new SeededStream(1, "sampling");
    draws(stream, 11);
    const state = stream.state();
    const expected = draws(stream, 5);
    const other = new SeededStream(2);
    other.restore(state);
    expect(draws(other, 5)).toEqual(expected);
  });

  it("is uniform on [0, 1) (chi-square over 20 cells, 99.9 % quantile 43.8)", () => {
    const stream = new SeededStream(3, "uniform");
    const cells = new Array<number>(20).fill(0);
    for (const x of draws(stream, 20_000)) cells[Math.floor(x * 20)]!++;
    const chiSquare = cells.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(43.8);
  });

  it("draws normals of mean 0 and variance 1", () => {
    const stream = new SeededStream(5, "normal");
    const values = Array.from({ length: 20_000 }, () => stream.normal());
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
  });

  it("shuffles every position evenly and samples without repeats", () => {
    const stream = new SeededStream(9);
    const first = [0, 0, 0, 0];
    for (let i = 0; i < 8000; i++) first[stream.shuffled([0, 1, 2, 3])[0]!]!++;
    for (const count of first) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(new Set(stream.sample([1, 2, 3, 4, 5], 3)).size).toBe(3);
  });
});
