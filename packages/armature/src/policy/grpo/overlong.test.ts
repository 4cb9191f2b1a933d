import { describe, expect, it } from "vitest";
import { overlongPenalty } from "./overlong.ts";

describe("overlongPenalty", () => {
  it.each([
    [10, 0],
    [16, 0],
    [17, -0.25],
    [18, -0.5],
    [20, -1],
    [23, -1],
  ])(
    "is DAPO's equation 13 for a longest length of 20 and a buffer of 4: %i tokens cost %d",
    (tokens, cost) => {
      expect(overlongPenalty(tokens, 20, { mask: false, buffer: 4, penalty: 1 })).toBeCloseTo(cost, 12);
      expect(overlongPenalty(tokens, 20, { mask: false, buffer: 4, penalty: 3 })).toBeCloseTo(3 * cost, 12);
    },
  );

  it("is off without a buffer", () => {
    expect(overlongPenalty(20, 20, { mask: true, buffer: 0, penalty: 1 })).toBe(0);
  });
});
