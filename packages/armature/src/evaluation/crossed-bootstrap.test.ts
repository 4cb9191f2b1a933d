import { describe, expect, it } from "vitest";
import { crossedBootstrap } from "./crossed-bootstrap.ts";

describe("the bootstrap over two factors", () => {
  it("has the variance of a sum of row and column effects", () => {
    // Value r_i + c_j with 8 rows and 50 columns: the mean of resamples varies by var(r)/8 + var(c)/50.
    const rows = Array.from({ length: 8 }, (_, i) => i);
    const columns = Array.from({ length: 50 }, (_, j) => (j % 2 === 0 ? 3 : -3));
    const mean = (values: readonly number[], counts: Float64Array) =>
      values.reduce((sum, value, i) => sum + value * counts[i]!, 0) / values.length;
    const { low, high } = crossedBootstrap([8, 50], ([r, c]) => mean(rows, r!) + mean(columns, c!), {
      seed: 2,
      resamples: 20_000,
    })!;
    // Population variances 5.25 and 9: standard error √(5.25/8 + 9/50) = 0.9145, half a 95 % interval 1.79.
    expect((high - low) / 2).toBeGreaterThan(1.74);
    expect((high - low) / 2).toBeLessThan(1.84);
    expect((high + low) / 2).toBeCloseTo(3.5, 1);
  });

  it("draws each factor as often as it has levels, leaves NaN out and refuses no levels", () => {
    const totals = new Set<number>();
    crossedBootstrap(
      [3, 5],
      ([a, b]) => {
        totals.add(a!.reduce((x, y) => x + y) * 10 + b!.reduce((x, y) => x + y));
        return 0;
      },
      { seed: 0, resamples: 50 },
    );
    expect([...totals]).toEqual([35]);
    expect(crossedBootstrap([1], () => Number.NaN, { seed: 0, resamples: 3 })).toBeNull();
    expect(() => crossedBootstrap([2, 0], () => 0, { seed: 0 })).toThrow("factor 2 has 0 levels");
    expect(() => crossedBootstrap([2], () => 0, { seed: 0, resamples: 0 })).toThrow("resamples is 0");
  });
});
