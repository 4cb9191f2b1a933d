import type { Llama3RopeScaling, ModelConfig } from "./model-config.ts";

/** Angles of the rotary embedding: cos and sin, each [positions, headDim / 2], row-major. */
export interface RotaryTables {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** Tables for positions 0…positions−1: the angle of pair j at position p is p · frequency j. */
export function rotaryTables(config: ModelConfig, positions: number): RotaryTables {
  const frequencies = rotaryFrequencies(config);
  const half = frequencies.length;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++)
    for (let j = 0; j < half; j++) {
      const angle = position * frequencies[j]!;
      cos[position * half + j] = Math.cos(angle);
      sin[position * half + j] = Math.sin(angle);
    }
  return { cos, sin };
}

/** θ^(−2j / headDim) for j below headDim / 2 (Su et al. 2021, arXiv 2104.09864), stretched where the model says so. */
export function rotaryFrequencies({ headDim, ropeTheta, ropeScaling }: ModelConfig): number[] {
  return Array.from({ length: headDim / 2 }, (_, j) => {
    const frequency = ropeTheta ** ((-2 * j) / headDim);
    return ropeScaling ? stretched(frequency, ropeScaling) : frequency;
  });
}

/** Llama 3.1: waves longer than the original context are slowed by the factor, short ones kept, those between blended. */
function stretched(frequency: number, scaling: Llama3RopeScaling): number {
  const { factor, lowFrequencyFactor, highFrequencyFactor, originalMaxContextLength } = scaling;
  const turns = (originalMaxContextLength * frequency) / (2 * Math.PI);
  const kept = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
  const share = Math.min(1, Math.max(0, kept));
  return share * frequency + ((1 - share) * frequency) / factor;
}
