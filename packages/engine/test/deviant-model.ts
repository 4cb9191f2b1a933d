import {
  type AdamParams,
  type Datum,
  floats,
  type Loss,
  type Pending,
  type Sampler,
  type TrainingModel,
} from "@armature/tinker";

/** What a wrong engine does otherwise. */
export interface Deviation {
  readonly data?: (data: readonly Datum[]) => readonly Datum[];
  readonly loss?: (loss: Loss) => Loss;
  readonly adam?: (adam: AdamParams) => AdamParams;
  readonly optimizer?: boolean;
  /** A sampler that follows the model. */
  readonly followingSampler?: boolean;
}

/** A model that deviates. */
export function deviant(
  model: TrainingModel,
  { data, loss, adam, optimizer, followingSampler }: Deviation,
): TrainingModel {
  return new Proxy(model, {
    get(target, key) {
      if (key === "forwardBackward")
        return (given: readonly Datum[], wanted: Loss) =>
          target.forwardBackward(data?.(given) ?? given, loss?.(wanted) ?? wanted);
      if (key === "optimStep") return (params: AdamParams) => target.optimStep(adam?.(params) ?? params);
      if (key === "loadState" && optimizer !== undefined)
        return (path: string) => target.loadState(path, { optimizer });
      if (key === "samplerNow" && followingSampler) return () => following(target);
      const value = target[key as keyof TrainingModel];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function following(model: TrainingModel): Pending<Sampler> {
  const pending = model.samplerNow();
  const result = pending.result.then(
    (sampler): Sampler =>
      new Proxy(sampler, {
        get(target, key) {
          if (key !== "logprobs") return (target[key as keyof Sampler] as () => unknown).bind(target);
          return (tokens: number[]) => ({
            result: model.samplerNow().result.then((now) => now.logprobs(tokens).result),
          });
        },
      }),
  );
  return { submitted: pending.submitted, result };
}

/** A datum with other weights. */
export const reweighted = (
  datum: Datum,
  change: (weights: readonly number[]) => readonly number[],
): Datum => {
  const { weights } = datum.lossInputs;
  if (!weights) return datum;
  return { ...datum, lossInputs: { ...datum.lossInputs, weights: floats([...change([...weights.data])]) } };
};
const sum = (row: readonly number[]) => row.reduce((a, b) => a + b, 0);

/** SkyRL's JAX backend, by reading: a mean over the weights, then over the datums of a call. */
export const meanReduction = (data: readonly Datum[]) =>
  data.map((datum) => reweighted(datum, (row) => row.map((w) => w / Math.max(sum(row), 1e-9) / data.length)));
