import type { Measurement } from "../row.ts";
import { measureParity, type ParityCase, type ParityDifferences } from "./parity-case.ts";
import { peerPython } from "./peer-python.ts";
import { NANO, SMOLLM2 } from "./shapes.ts";
import { threeDigits } from "./speed-ratio.ts";

const BAR = 1e-3;

const CASES: readonly ParityCase[] = [
  ...[0, 1, 2].map((seed) => ({
    shape: NANO,
    seed,
    prompts: 4,
    samples: 4,
    promptTokens: 32,
    newTokens: 32,
  })),
  { shape: SMOLLM2, seed: 0, prompts: 2, samples: 2, promptTokens: 32, newTokens: 16 },
];

/** The value is the largest difference of all cases and kinds. */
export async function measureAllParity(): Promise<Measurement> {
  const python = await peerPython();
  const cases: Record<string, ParityDifferences> = {};
  let value = 0;
  for (const given of CASES) {
    const name = `${given.shape.name}, seed ${given.seed}`;
    const { worstGradient, ...differences } = await measureParity(given, python);
    const rounded = Object.entries(differences).map(([kind, difference]) => [kind, threeDigits(difference)]);
    cases[name] = { ...(Object.fromEntries(rounded) as typeof differences), worstGradient };
    // NaN must not pass for small.
    value = Math.max(value, ...Object.values(differences));
    process.stderr.write(`${name}: ${JSON.stringify(cases[name])}\n`);
  }
  return {
    value: threeDigits(value),
    unit: "largest relative difference",
    holds: value <= BAR,
    detail: { cases, peer: python.versions },
  };
}
