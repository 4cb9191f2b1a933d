import { SeededStream } from "@armature/engine";
import { inverseAt, type MisspecificationMap } from "../../src/study/misspecification-map.ts";
import type { ScoredResponses } from "../../src/study/scored-responses.ts";

/**
 * Scores with a known map: gold ranks uniform in [0, 1], proxy = f(gold) for an involution f. Both are shown through rising
 * functions that differ from prompt to prompt, since only ranks within a prompt may count.
 */
export function scoredSample(
  map: MisspecificationMap,
  prompts: number,
  responses: number,
  seed: number,
): readonly ScoredResponses[] {
  const stream = new SeededStream(seed, "scored sample", map.name);
  return Array.from({ length: prompts }, (_, i) => {
    const ranks = Array.from({ length: responses }, () => stream.next());
    const [scale, shift] = [0.5 + stream.next(), 10 * stream.normal()];
    return {
      prompt: `prompt ${i}`,
      gold: ranks.map((rank) => Math.exp(3 * rank) + shift),
      proxy: ranks.map((rank) => scale * inverseAt(map, rank) ** 3 - shift),
    };
  });
}
