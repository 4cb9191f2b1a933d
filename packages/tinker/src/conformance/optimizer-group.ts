import { linearAdam, multipleOf, sizeOf, targetLogprobs, weightedBy } from "../linear-step.ts";
import { ADAM_DEFAULTS, type AdamParams } from "../optimizer.ts";
import type { Findings } from "./finding.ts";
import { FIRST, type Scenario, withModel } from "./scenario.ts";

/** What a coordinate with gradients g·factor₁, g·factor₂, … does under `torch.optim.AdamW`: its place after each step. */
function referenceAdamW(gradients: readonly number[], params: AdamParams): readonly number[] {
  const { learning_rate, beta1, beta2, eps } = { ...ADAM_DEFAULTS, ...params };
  let [m, v, x] = [0, 0, 0];
  return gradients.map((g, i) => {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const [mean, variance] = [m / (1 - beta1 ** (i + 1)), v / (1 - beta2 ** (i + 1))];
    x += (learning_rate * mean) / (Math.sqrt(variance) + eps);
    return x;
  });
}

/** Factors of the gradient in five steps: the moments must carry over, also through a step without gradient. */
const FACTORS = [1, 0, 2, -1, 0.5];

/**
 * Group 6: AdamW against a reference over five steps. The logprobs' changes are compared with a single coordinate's, relative to
 * the first step: with ε above the gradients the moments are seen alone (β1 and bias correction), with a tiny ε each
 * coordinate moves by the sign of its gradient (β2). Then clipping and decay.
 */
export async function adamW(scenario: Scenario, findings: Findings): Promise<void> {
  const { open, scale, tolerance } = scenario;
  const trajectory = (adam: AdamParams, factors: readonly number[] = FACTORS) =>
    withModel(open, async (model) => {
      const before = await targetLogprobs(model, FIRST);
      const places: (readonly number[])[] = [];
      for (const factor of factors) {
        const gradient = model.forwardBackward([weightedBy(FIRST, factor)], { name: "cross_entropy" });
        const update = model.optimStep(adam);
        await Promise.all([gradient.result, update.result]);
        places.push((await targetLogprobs(model, FIRST)).map((p, i) => p - before[i]!));
      }
      return places;
    });
  const compare = async (what: string, adam: AdamParams, gradient: number) => {
    const places = await trajectory(adam);
    const expected = referenceAdamW(
      FACTORS.map((factor) => gradient * factor),
      adam,
    );
    places.slice(1).forEach((place, i) => {
      const { factor } = multipleOf(place, places[0]!);
      const wanted = expected[i + 1]! / expected[0]!;
      const room = 2 * tolerance * Math.max(1, Math.abs(wanted));
      findings.near(`${what}, after step ${i + 2}`, factor, wanted, room);
    });
  };
  await compare("β1 0.9 and bias correction", linearAdam(scale, { beta1: 0.9, beta2: 0.95 }), 1e-3);
  await compare("β1 0.5", linearAdam(scale, { beta1: 0.5, beta2: 0.95 }), 1e-3);
  // A step of lr in every coordinate: the size of lr is chosen so that the change is small.
  const small = await smallRate(scenario, trajectory);
  for (const beta2 of [0.95, 0.3])
    await compare(`β2 ${beta2} with a tiny ε`, { learning_rate: small, beta1: 0.9, beta2, eps: 1e-12 }, 1);

  const once = (adam: AdamParams) => trajectory(adam, [1]).then((places) => places[0]!);
  const free = await once(linearAdam(scale));
  const loose = await once(linearAdam(scale, { grad_clip_norm: 1e9 }));
  findings.near(
    "grad_clip_norm above the norm changes nothing",
    multipleOf(loose, free).factor,
    1,
    tolerance,
  );
  // The norm is not known: a bound far below it is one of two that must scale with each other.
  const [bound, tenth] = [1e-2, 1e-3];
  const clipped = await once(linearAdam(scale, { grad_clip_norm: bound }));
  const tighter = await once(linearAdam(10 * scale, { grad_clip_norm: tenth }));
  findings.atMost("grad_clip_norm below the norm shortens the step", sizeOf(clipped) / sizeOf(free), 0.9);
  findings.near("… in proportion", multipleOf(tighter, clipped).factor, 1, 2 * tolerance);
  // The step without gradient only decays: an adapter's product of two matrices falls by (1 − lr·decay)².
  const decayed = await withModel(open, async (model) => {
    const before = await targetLogprobs(model, FIRST);
    const adam = linearAdam(scale);
    const gradient = model.forwardBackward([FIRST], { name: "cross_entropy" });
    await Promise.all([gradient.result, model.optimStep(adam).result]);
    const moved = (await targetLogprobs(model, FIRST)).map((p, i) => p - before[i]!);
    const still = model.forwardBackward([weightedBy(FIRST, 0)], { name: "cross_entropy" });
    const decay = { ...adam, weight_decay: 0.5 / adam.learning_rate! };
    await Promise.all([still.result, model.optimStep(decay).result]);
    const left = (await targetLogprobs(model, FIRST)).map((p, i) => p - before[i]!);
    return multipleOf(left, moved).factor;
  });
  findings.near(
    "weight_decay is decoupled: (1 − lr·decay)² of an adapter is left",
    decayed,
    0.25,
    2 * tolerance,
  );
}

async function smallRate(
  { tolerance }: Scenario,
  trajectory: (adam: AdamParams, factors: readonly number[]) => Promise<readonly (readonly number[])[]>,
): Promise<number> {
  const rate = 1e-5;
  const moved = sizeOf((await trajectory({ learning_rate: rate, eps: 1e-12 }, [1]))[0]!);
  // Steps add up to about five times the first one.
  return moved > 0 ? (rate * tolerance * 0.1) / moved : rate;
}
