import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RoundSchedule } from "./round-schedule.ts";

describe("RoundSchedule", () => {
  it("counts by hand: 2 rounds, 10 items in batches of 4, 2 epochs", () => {
    const schedule = new RoundSchedule({ rounds: 2, itemsPerRound: 10, epochs: 2, batchSize: 4 });
    expect(schedule.totalSteps).toBe(12);
    const place = (step: number) => {
      const { round, epoch, batch, first } = schedule.placeOf(step);
      return `${round} ${epoch} ${batch}${first ? " first" : ""}`;
    };
    expect([0, 1, 2, 3, 5, 6, 11].map(place)).toEqual([
      ...["0 0 0 first", "0 0 1", "0 0 2", "0 1 0", "0 1 2"],
      ...["1 0 0 first", "1 1 2"],
    ]);
  });

  it("goes through what a round got once an epoch, evenly, in batches no larger than asked for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (most, missing, batchSize) => {
          const items = Array.from({ length: Math.max(0, most - missing) }, (_, i) => i);
          const schedule = new RoundSchedule({ rounds: 2, itemsPerRound: most, epochs: 2, batchSize });
          const batches = Array.from({ length: schedule.totalSteps }, (_, step) =>
            schedule.batchOf(items, schedule.placeOf(step), 7),
          );
          const sizes = batches.map(({ length }) => length);
          expect(Math.max(...sizes)).toBeLessThanOrEqual(batchSize);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          const perEpoch = batches.length / 4;
          for (let epoch = 0; epoch < 4; epoch++) {
            const seen = batches.slice(epoch * perEpoch, (epoch + 1) * perEpoch).flat();
            expect(seen.sort((a, b) => a - b)).toEqual(items);
          }
        },
      ),
    );
  });

  it("orders every epoch anew", () => {
    const items = Array.from({ length: 40 }, (_, i) => i);
    const schedule = new RoundSchedule({ rounds: 2, itemsPerRound: 40, epochs: 2, batchSize: 40 });
    const orders = [0, 1, 2, 3].map((step) => schedule.batchOf(items, schedule.placeOf(step), 7).join());
    expect(new Set(orders).size).toBe(4);
  });
});
