import {
  changeOfLogprobs,
  type GradientCall,
  linearAdam,
  multipleOf,
  sizeOf,
  targetLogprobs,
  weightedBy,
} from "../linear-step.ts";
import type { Loss } from "../loss.ts";
import type { Findings } from "./finding.ts";
import { FIRST, policyDatum, type Scenario, SECOND, withModel } from "./scenario.ts";

const change = ({ open, scale }: Scenario, calls: readonly GradientCall[], datum = FIRST) =>
  changeOfLogprobs(open, datum, calls, linearAdam(scale));

/** Group 1: the loss that is reported is a plain sum over tokens and datums. */
export async function sumReduction({ open, tolerance }: Scenario, findings: Findings): Promise<void> {
  await withModel(open, async (model) => {
    const results = [[FIRST], [weightedBy(FIRST, 2)], [FIRST, SECOND], [SECOND]].map((data) =>
      model.forwardBackward(data, { name: "cross_entropy" }),
    );
    const losses: number[] = [];
    for (const { result } of results) {
      const { metrics, logprobs } = await result;
      const sum = metrics["loss:sum"];
      if (sum === undefined) return findings.note("loss:sum is not reported; group 2 measures the gradient");
      losses.push(sum);
      if (losses.length === 1) {
        const expected = -[...logprobs[0]!].reduce(
          (a, p, i) => a + FIRST.lossInputs.weights!.data[i]! * p,
          0,
        );
        findings.near("loss:sum is Σ −w·p", sum / expected, 1, tolerance);
      }
    }
    const [one, doubled, both, other] = losses as [number, number, number, number];
    findings.near("twice the weights give twice the loss", doubled / one, 2, 2 * tolerance);
    findings.near("the loss of two datums is the sum of theirs", both / (one + other), 1, tolerance);
  });
}

/** Group 2: the gradient is a sum and does not depend on how datums are split into calls. */
export async function gradientSum(scenario: Scenario, findings: Findings): Promise<void> {
  const together = await change(scenario, [{ data: [FIRST, SECOND] }]);
  const apart = await change(scenario, [{ data: [FIRST] }, { data: [SECOND] }]);
  const split = multipleOf(apart, together);
  findings.near("two calls move logprobs as one call does", split.factor, 1, scenario.tolerance);
  findings.atMost("… and in the same direction", split.rest, scenario.tolerance);
  const one = await change(scenario, [{ data: [FIRST] }]);
  const twice = await change(scenario, [{ data: [FIRST, FIRST] }]);
  findings.near("a datum given twice counts twice", multipleOf(twice, one).factor, 2, 2 * scenario.tolerance);
  const doubled = await change(scenario, [{ data: [weightedBy(FIRST, 2)] }]);
  findings.near("a weight of 2 counts twice", multipleOf(doubled, one).factor, 2, 2 * scenario.tolerance);
}

/** Group 3: weights of any sign are taken literally. */
export async function signedWeights(scenario: Scenario, findings: Findings): Promise<void> {
  const one = await change(scenario, [{ data: [FIRST] }]);
  const opposite = await change(scenario, [{ data: [weightedBy(FIRST, -1)] }]);
  findings.near(
    "weights −w move logprobs the other way",
    multipleOf(opposite, one).factor,
    -1,
    scenario.tolerance,
  );
  // The first completion token up, the second down, the rest not asked for: the weights' sum is 0.
  const start = FIRST.lossInputs.weights!.data.findIndex((weight: number) => weight !== 0);
  const factors = [...FIRST.lossInputs.weights!.data].map((_, i) =>
    i === start ? 1 : i === start + 1 ? -1 : 0,
  );
  const mixed = await change(scenario, [{ data: [weightedBy(FIRST, factors)] }]);
  findings.that("weights [1, −1] give finite logprobs", mixed.every(Number.isFinite), mixed.join(", "));
  findings.that(
    "… the first up, the second down",
    mixed[start]! > 0 && mixed[start + 1]! < 0,
    `${mixed[start]}, ${mixed[start + 1]}`,
  );
  findings.atMost("… about as far as with positive weights", sizeOf(mixed) / sizeOf(one), 3);
}

/** Group 4: a loss of one's own, C = −Σ w·p, gives what cross-entropy gives. */
export async function customLoss(scenario: Scenario, findings: Findings): Promise<void> {
  const expected = await change(scenario, [{ data: [FIRST, SECOND] }]);
  const data = [FIRST, SECOND];
  const weights = data.map(({ lossInputs }) => Float32Array.from(lossInputs.weights!.data));
  await withModel(scenario.open, async (model) => {
    const before = await targetLogprobs(model, FIRST);
    let value = 0;
    const custom = model.forwardBackwardCustom(data, (logprobs) => {
      value = -logprobs.reduce((sum, row, d) => row.reduce((a, p, i) => a + weights[d]![i]! * p, sum), 0);
      return {
        loss: value,
        gradients: weights.map((row) => row.map((weight) => -weight)),
        metrics: { "mine:sum": 7 },
      };
    });
    const update = model.optimStep(linearAdam(scenario.scale));
    const { metrics } = await custom.result;
    await update.result;
    const after = await targetLogprobs(model, FIRST);
    const moved = after.map((p, i) => p - before[i]!);
    const { factor, rest } = multipleOf(moved, expected);
    findings.near("the custom loss moves logprobs as cross-entropy does", factor, 1, scenario.tolerance);
    findings.atMost("… and in the same direction", rest, scenario.tolerance);
    findings.near("its value is reported", metrics["loss:sum"] ?? Number.NaN, value, 1e-6 * Math.abs(value));
    findings.near("its metrics are reported", metrics["mine:sum"] ?? Number.NaN, 7, 0);
  });
}

/** Group 5: the policy losses' formulas, and clip thresholds as absolute bounds of the ratio. */
export async function policyLosses(scenario: Scenario, findings: Findings): Promise<void> {
  const p = await withModel(scenario.open, (model) => targetLogprobs(model, FIRST));
  const one = await change(scenario, [{ data: [FIRST] }]);
  const measure = async (
    what: string,
    q: readonly number[],
    advantage: number,
    loss: Loss,
    expected: number,
  ) => {
    const data = [policyDatum(FIRST, q, advantage)];
    const { factor } = multipleOf(await change(scenario, [{ data, loss }]), one);
    findings.near(what, factor, expected, scenario.tolerance * Math.max(1, Math.abs(expected)));
  };
  for (const name of ["importance_sampling", "ppo", "cispo"] as const) {
    await measure(`${name} at ratio 1 and advantage 1 is cross-entropy`, p, 1, { name }, 1);
    await measure(`${name} at advantage −0.5`, p, -0.5, { name }, -0.5);
  }
  // Where q is lower by ln 1.5 the ratio is 1.5, above the bound of 1.2.
  const above = p.map((value) => value - Math.log(1.5));
  const high = { clip_low_threshold: 0.8, clip_high_threshold: 1.2 };
  await measure(
    "importance_sampling weighs by the ratio 1.5",
    above,
    1,
    { name: "importance_sampling" },
    1.5,
  );
  await measure("ppo clips the ratio 1.5 at 1.2: no gradient", above, 1, { name: "ppo", config: high }, 0);
  await measure("ppo does not clip it where it costs", above, -1, { name: "ppo", config: high }, -1.5);
  await measure("cispo weighs by the clipped ratio 1.2", above, 1, { name: "cispo", config: high }, 1.2);
  const wide = { clip_low_threshold: 0.8, clip_high_threshold: 1.6 };
  await measure(
    "thresholds are absolute: ppo with 1.6 lets 1.5 pass",
    above,
    1,
    { name: "ppo", config: wide },
    1.5,
  );
  const below = p.map((value) => value + Math.log(2));
  await measure(
    "ppo clips the ratio 0.5 at 0.8 where it would gain",
    below,
    -1,
    { name: "ppo", config: high },
    0,
  );
  await measure("cispo raises the ratio 0.5 to 0.8", below, 1, { name: "cispo", config: high }, 0.8);
}
