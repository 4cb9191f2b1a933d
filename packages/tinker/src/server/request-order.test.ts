import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RequestOrder } from "./request-order.ts";

describe("RequestOrder", () => {
  it("starts every request once and in order, whatever order they arrive in", () => {
    const orders = fc.integer({ min: 1, max: 12 }).chain((count) =>
      fc.shuffledSubarray(
        Array.from({ length: count }, (_, i) => i + 1),
        { minLength: count },
      ),
    );
    fc.assert(
      fc.property(orders, (arrivals) => {
        const order = new RequestOrder(60_000);
        const started: number[] = [];
        for (const [i, seqId] of arrivals.entries()) {
          order.submit(seqId, () => started.push(seqId), fail);
          // Exactly the unbroken run from 1 on has started.
          const arrived = new Set(arrivals.slice(0, i + 1));
          let next = 1;
          while (arrived.has(next)) next++;
          expect(started).toEqual(Array.from({ length: next - 1 }, (_, j) => j + 1));
        }
      }),
    );
  });

  it("takes number 0 before all others only, and a used number never again", () => {
    const order = new RequestOrder(60_000);
    const started: number[] = [];
    const failed: string[] = [];
    const submit = (seqId: number) =>
      order.submit(
        seqId,
        () => started.push(seqId),
        (error) => failed.push(error.message),
      );
    for (const seqId of [0, 1, 0, 1, 2]) submit(seqId);
    expect(started).toEqual([0, 1, 2]);
    expect(failed).toEqual([
      "seq_id 0 comes before all others only; the next of this model is 2",
      "seq_id 1 was used already; the next of this model is 2",
    ]);
  });

  it("fails what waits when it is closed", () => {
    const order = new RequestOrder(60_000);
    const failed: string[] = [];
    order.submit(3, fail, (error) => failed.push(error.message));
    order.close("the model was unloaded");
    expect(failed).toEqual(["the model was unloaded"]);
  });
});

function fail(): never {
  throw new Error("must not be called");
}
