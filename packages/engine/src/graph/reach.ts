import type { Tensor } from "./tensor.ts";

/** Everything that the outputs are computed from, themselves included, in ascending id: inputs before their readers. */
export function reachable(outputs: readonly Tensor[]): Tensor[] {
  const seen = new Set(outputs);
  const open = [...seen];
  for (let tensor = open.pop(); tensor; tensor = open.pop())
    for (const input of tensor.inputs)
      if (!seen.has(input)) {
        seen.add(input);
        open.push(input);
      }
  return [...seen].sort((a, b) => a.id - b.id);
}
