import { TinkerError } from "../errors.ts";
import { calibratedScale } from "../linear-step.ts";
import type { ConformanceBackend } from "./conformance-backend.ts";
import { errorSurface } from "./error-group.ts";
import { type Finding, Findings } from "./finding.ts";
import { customLoss, gradientSum, policyLosses, signedWeights, sumReduction } from "./gradient-groups.ts";
import { adamW } from "./optimizer-group.ts";
import { idempotency, ordering, saveAndLoad, staleSampler, twoModels } from "./order-groups.ts";
import { sampling, trainSampleGap } from "./sampling-groups.ts";
import { FIRST, type Scenario } from "./scenario.ts";

/** One of the 14 groups. */
interface Group {
  readonly name: string;
  readonly check: (scenario: Scenario, findings: Findings) => Promise<void>;
}

const GROUPS: readonly Group[] = [
  { name: "the loss is a sum", check: sumReduction },
  { name: "the gradient is a sum", check: gradientSum },
  { name: "signed weights", check: signedWeights },
  { name: "custom loss", check: customLoss },
  { name: "policy losses", check: policyLosses },
  { name: "AdamW", check: adamW },
  { name: "order of pipelined requests", check: ordering },
  { name: "a request sent twice", check: idempotency },
  { name: "save and load", check: saveAndLoad },
  { name: "trainer and sampler agree", check: trainSampleGap },
  { name: "sampling", check: sampling },
  { name: "samplers keep their weights", check: staleSampler },
  { name: "two models", check: twoModels },
  { name: "errors", check: errorSurface },
];

/** What one group gave. An error is one that the checks themselves did not expect. */
export interface GroupResult {
  readonly number: number;
  readonly name: string;
  readonly passes: boolean;
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
  readonly error?: string;
}

/** What the suite found on one backend. */
export interface ConformanceReport {
  readonly backend: string;
  readonly groups: readonly GroupResult[];
}

/** Which groups are run, and how exact the backend computes. */
export interface ConformanceOptions {
  /** Numbers from 1 to 14; all by default. */
  readonly groups?: readonly number[];
  /** Relative tolerance of ratios, default 0.03. Servers with 16-bit floats need about 0.2. */
  readonly tolerance?: number;
  /** Tolerance of logprobs that must be equal, default 1e-5. */
  readonly equal?: number;
  readonly onGroup?: (result: GroupResult) => void;
}

/**
 * Runs the conformance suite of the training protocol: 14 groups of numeric checks, each on small models of its own. Only what
 * a client can see is compared, so that it runs on any backend.
 */
export async function runConformance(
  backend: ConformanceBackend,
  { groups, tolerance = 0.03, equal = 1e-5, onGroup }: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const open = () => backend.createModel(1);
  const scenario = { backend, open, tolerance, equal, scale: await calibratedScale(open, FIRST) };
  const results: GroupResult[] = [];
  for (const [i, group] of GROUPS.entries()) {
    if (groups && !groups.includes(i + 1)) continue;
    const result = await runGroup(i + 1, group, scenario);
    results.push(result);
    onGroup?.(result);
  }
  return { backend: backend.name, groups: results };
}

async function runGroup(number: number, { name, check }: Group, scenario: Scenario): Promise<GroupResult> {
  const findings = new Findings();
  const result = { number, name, findings: findings.found, notes: findings.notes };
  try {
    await check(scenario, findings);
  } catch (error) {
    if (TinkerError.isInstance(error) && (error.kind === "cancelled" || error.kind === "connection"))
      throw error;
    return { ...result, passes: false, error: (error as Error).message };
  }
  return { ...result, passes: findings.found.every(({ holds }) => holds) };
}

/** The report as lines: a group each, and under it what deviates (or, with `all`, everything that was measured). */
export function printConformance({ backend, groups }: ConformanceReport, all = false): string {
  const width = Math.max(...groups.map(({ name }) => name.length));
  const lines = groups.flatMap(({ number, name, passes, findings, notes, error }) => [
    `${String(number).padStart(2)}  ${name.padEnd(width)}  ${passes ? "passes" : "DEVIATES"}  ${findings.length} checks`,
    ...findings
      .filter(({ holds }) => all || !holds)
      .map(({ what, holds, measured }) => `      ${holds ? "ok" : "not so"}: ${what}: ${measured}`),
    ...notes.map((note) => `      note: ${note}`),
    ...(error === undefined ? [] : [`      stopped by an error: ${error}`]),
  ]);
  const passed = groups.filter(({ passes }) => passes).length;
  return `${backend}: ${passed} of ${groups.length} groups pass\n${lines.join("\n")}\n`;
}
