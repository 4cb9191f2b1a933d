import { expect, test } from "vitest";
import { batchBucket, halving, lengthBucket, slotBucket, slotStep } from "./bucket.ts";

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

test("halvings are few and hold what is asked for", () => {
  expect([64, 33, 32, 17, 5, 2, 1].map((least) => halving(64, least))).toEqual([64, 64, 32, 32, 8, 2, 1]);
  expect([6, 4, 3, 2, 1].map((least) => halving(6, least))).toEqual([6, 6, 3, 2, 1]);
});

test("slots are as coarse as the weights allow", () => {
  const smollm2 = { weightBytes: 540e6, bytesPerToken: 46_080 };
  const nano = { weightBytes: 3.7e6, bytesPerToken: 4096 };
  expect(slotStep(smollm2.weightBytes, 1, smollm2.bytesPerToken)).toBe(256);
  expect(slotStep(smollm2.weightBytes, 16, smollm2.bytesPerToken)).toBe(32);
  expect(slotStep(nano.weightBytes, 256, nano.bytesPerToken)).toBe(16);
  expect([1, 32, 33, 300].map((tokens) => slotBucket(tokens, 32))).toEqual([32, 32, 64, 320]);
});
