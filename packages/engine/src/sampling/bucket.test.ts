import { expect, test } from "vitest";
import { batchBucket, lengthBucket } from "./bucket.ts";

test("buckets hold what is asked for, waste at most a third, and grow", () => {
  let batchBefore = 0;
  let lengthBefore = 0;
  const steps = new Set<number>();
  for (let n = 1; n <= 5000; n++) {
    const batch = batchBucket(n);
    expect(batch).toBeGreaterThanOrEqual(Math.max(n, batchBefore));
    expect(batch).toBeLessThanOrEqual(Math.max(n + 1, n * 1.5));
    const length = lengthBucket(n);
    expect(length).toBeGreaterThanOrEqual(Math.max(n, lengthBefore));
    expect(length).toBeLessThan(Math.max(n + 16, n * 1.125 + 1));
    steps.add(length);
    batchBefore = batch;
    lengthBefore = length;
  }
  expect([1, 2, 3, 5, 7, 9, 13, 17, 30, 60, 100, 129, 200, 256].map(batchBucket)).toEqual([
    1, 2, 3, 6, 8, 12, 16, 24, 32, 64, 128, 160, 224, 256,
  ]);
  expect(steps.size).toBeLessThan(60);
});
