import { describe, expect, it } from "vitest";
import { priorBound } from "./prior-constraint.ts";

const constraint = (similarity: "length-ratio" | "cosine") => ({
  similarity,
  scale: 10,
  offset: 0.5,
  shift: -2,
});
const similarityOf = (kind: "length-ratio" | "cosine", a: number[], b: number[]) =>
  10 / (priorBound(constraint(kind), a, b) + 2) - 0.5;

describe("priorBound", () => {
  it("takes the ratio of lengths after the shared beginning", () => {
    expect(similarityOf("length-ratio", [7, 7, 1, 2], [7, 7, 3, 4, 5, 6])).toBeCloseTo(0.5, 12);
    expect(similarityOf("length-ratio", [7, 1], [7, 2])).toBeCloseTo(1, 12);
    // One continues the other: nothing of it lies after the first difference.
    expect(similarityOf("length-ratio", [7, 7], [7, 7, 1])).toBeCloseTo(0, 12);
    expect(similarityOf("length-ratio", [7, 7], [7, 7])).toBeCloseTo(1, 12);
  });

  it("takes the angle between token counts after the shared beginning", () => {
    // Counts (1, 1) and (1, 0): 45 degrees.
    expect(similarityOf("cosine", [9, 1, 2], [9, 2])).toBeCloseTo(0.75, 12);
    expect(similarityOf("cosine", [9, 1, 2], [9, 2, 1])).toBeCloseTo(1, 6);
    expect(similarityOf("cosine", [9, 1], [9, 2])).toBeCloseTo(0.5, 12);
    expect(similarityOf("cosine", [9, 1], [9, 1])).toBeCloseTo(1, 12);
    expect(similarityOf("cosine", [9], [9, 1])).toBeCloseTo(0.5, 12);
  });

  it("is scale / (similarity + offset) + shift: alike responses are held closer", () => {
    expect(priorBound(constraint("length-ratio"), [1], [2])).toBeCloseTo(10 / 1.5 - 2, 12);
    expect(priorBound(constraint("length-ratio"), [1], [2, 3, 4, 5])).toBeCloseTo(10 / 0.75 - 2, 12);
  });
});
