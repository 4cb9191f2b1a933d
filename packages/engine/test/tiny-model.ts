import type { EngineSource } from "../src/index.ts";

/** A transformer of a few thousand random weights that computes in milliseconds. */
export const TINY_MODEL = {
  kind: "random",
  name: "tiny",
  seed: 7,
  config: {
    vocabularySize: 50,
    hiddenSize: 32,
    layers: 2,
    heads: 2,
    keyValueHeads: 1,
    headDim: 16,
    intermediateSize: 48,
    ropeTheta: 10_000,
    normEpsilon: 1e-5,
    tiedEmbeddings: true,
    maxContextLength: 64,
    eosTokenIds: [1],
  },
} as const satisfies EngineSource;
