import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pipeline } from "./pipeline.ts";

/** A loop of `total` updates whose batches take as many turns of the event loop as the caller says. */
async function loop(total: number, staleness: number, turns: (index: number) => number, updates = 0) {
  const events: string[] = [];
  const ages: number[] = [];
  let weights = updates;
  const start = async (index: number) => {
    const sampledAt = weights;
    events.push(`start ${index}`);
    for (let turn = 0; turn < turns(index); turn++) await new Promise(setImmediate);
    events.push(`made ${index}`);
    return { index, sampledAt };
  };
  const pipeline = new Pipeline({ total, staleness, updates }, start);
  for (let index = updates; index < total; index++) {
    const batch = await pipeline.next();
    expect(batch.index).toBe(index);
    ages.push(weights - batch.sampledAt);
    weights += 1;
    events.push(`update ${index}`);
    pipeline.updated();
  }
  return { events, ages };
}

describe("Pipeline", () => {
  it("is the plain loop at staleness 0", async () => {
    const { events } = await loop(3, 0, () => 3);
    expect(events).toEqual([0, 1, 2].flatMap((i) => [`start ${i}`, `made ${i}`, `update ${i}`]));
  });

  it("makes a batch while the one before it is waited for, and no further one", async () => {
    const { events } = await loop(4, 1, (index) => (index === 0 ? 9 : 2));
    expect(events).toEqual([
      ...["start 0", "start 1", "made 1", "made 0", "update 0"],
      ...["start 2", "update 1", "start 3", "made 2", "update 2", "made 3", "update 3"],
    ]);
  });

  it("never samples with weights older than the bound, starts each batch once and as early as the bound allows", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(6), { minLength: 1, maxLength: 12 }),
        fc.nat(4),
        fc.nat(3),
        async (durations, staleness, done) => {
          const total = durations.length;
          const updates = Math.min(done, total - 1);
          const { events, ages } = await loop(total, staleness, (index) => durations[index]!, updates);
          // Where the run begins there is one batch for each place in the pipeline; from then on the age is the bound itself.
          expect(ages).toEqual(ages.map((_, i) => Math.min(staleness, i)));
          for (let index = updates; index < total; index++) {
            expect(events.filter((event) => event === `start ${index}`)).toHaveLength(1);
            if (index <= updates + staleness) continue;
            const allowing = events.indexOf(`update ${index - staleness - 1}`);
            expect(events[allowing + 1]).toBe(`start ${index}`);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("takes batches that were under way before, and starts only the others", async () => {
    const started: number[] = [];
    const start = async (index: number) => {
      started.push(index);
      return index;
    };
    const underWay = new Map([[5, Promise.resolve(50)]]);
    const pipeline = new Pipeline({ total: 8, staleness: 1, updates: 5 }, start, underWay);
    expect(started).toEqual([6]);
    expect(await pipeline.next()).toBe(50);
    pipeline.updated();
    expect(await pipeline.next()).toBe(6);
    expect(started).toEqual([6, 7]);
  });

  it("hands a failure to the update that needs the batch, and to no one before", async () => {
    const start = (index: number) =>
      index === 1 ? Promise.reject(new Error("no judge")) : Promise.resolve(index);
    const pipeline = new Pipeline({ total: 2, staleness: 1, updates: 0 }, start);
    await new Promise(setImmediate);
    expect(await pipeline.next()).toBe(0);
    pipeline.updated();
    await expect(pipeline.next()).rejects.toThrow("no judge");
    await pipeline.settled();
  });
});
