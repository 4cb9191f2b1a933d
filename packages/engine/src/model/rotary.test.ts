import { describe, expect, it } from "vitest";
import type { ModelConfig } from "./model-config.ts";
import { rotaryFrequencies, rotaryTables } from "./rotary.ts";

const plain = { headDim: 4, ropeTheta: 100 } as ModelConfig;
const ropeScaling = {
  factor: 8,
  lowFrequencyFactor: 1,
  highFrequencyFactor: 4,
  originalMaxContextLength: 64,
};

describe("rotaryTables", () => {
  it("turns pair j by position · θ^(−2j/headDim)", () => {
    const { cos, sin } = rotaryTables(plain, 3);
    const angles = [0, 0, 1, 0.1, 2, 0.2];
    angles.forEach((angle, i) => {
      expect(cos[i]).toBeCloseTo(Math.cos(angle), 6);
      expect(sin[i]).toBeCloseTo(Math.sin(angle), 6);
    });
  });

  it("slows long waves by the factor, keeps short ones and blends those between", () => {
    const stretch = (frequency: number) => {
      const config = { headDim: 4, ropeTheta: frequency ** -2, ropeScaling } as ModelConfig;
      return rotaryFrequencies(config)[1]! / frequency;
    };
    // Turns within the original context: 64 · frequency / 2π.
    const turns = (count: number) => (count * 2 * Math.PI) / 64;
    expect(stretch(turns(0.5))).toBeCloseTo(1 / 8, 9);
    expect(stretch(turns(1))).toBeCloseTo(1 / 8, 9);
    expect(stretch(turns(2.5))).toBeCloseTo(0.5 + 0.5 / 8, 9);
    expect(stretch(turns(4))).toBeCloseTo(1, 9);
    expect(stretch(turns(9))).toBeCloseTo(1, 9);
  });
});
