import type { Interruption } from "../../src/run/interruption.ts";

/** An interruption that requests a stop from the `count`-th time on that it is asked. */
export function stopAfter(count: number): Interruption {
  let asked = 0;
  return {
    get stopRequested() {
      return ++asked >= count;
    },
  } as Interruption;
}
