/** Tokens of one row of a step's batch: the Python client computes the same ones. */
export function pipelineTokens(step: number, row: number): number[] {
  return Array.from({ length: 12 }, (_, i) => 3 + ((step * 7 + row * 13 + i * 5) % 40));
}
