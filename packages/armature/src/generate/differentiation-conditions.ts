import { ConfigError } from "../errors.ts";
import { distinctResponses } from "./distinct-responses.ts";

/** Which responses a rubric is refined with, and for how many rounds. */
export interface DifferentiationCondition {
  readonly name: string;
  /** Different models that the responses come from, and responses of each. */
  readonly models: number;
  readonly perModel: number;
  readonly rounds: number;
  /** How strong these models were in the paper; the name alone chooses none. */
  readonly strength: "good" | "great" | null;
}

/** The five conditions of Chasing the Tail, section 4: what is refined with what. */
export const DIFFERENTIATION_CONDITIONS = {
  initial: { name: "initial", models: 0, perModel: 0, rounds: 0, strength: null },
  "one-good-pair": { name: "one-good-pair", models: 1, perModel: 2, rounds: 1, strength: "good" },
  "one-great-pair": { name: "one-great-pair", models: 1, perModel: 2, rounds: 1, strength: "great" },
  "four-great-pairs": { name: "four-great-pairs", models: 1, perModel: 16, rounds: 4, strength: "great" },
  "four-great-and-diverse": {
    name: "four-great-and-diverse",
    models: 16,
    perModel: 1,
    rounds: 4,
    strength: "great",
  },
} as const satisfies Readonly<Record<string, DifferentiationCondition>>;

/** Name of a condition of `DIFFERENTIATION_CONDITIONS`. */
export type DifferentiationConditionName = keyof typeof DIFFERENTIATION_CONDITIONS;

/** A response and who wrote it. */
export interface SourcedResponse {
  readonly text: string;
  readonly model?: string;
}

/** Responses for a condition, and how many it would have had. */
export interface ConditionCandidates {
  /** Places in the list that was given. */
  readonly places: readonly number[];
  readonly wanted: number;
  /** Responses left out because they repeat an earlier one. */
  readonly repeated: number;
}

/**
 * The responses that a condition takes, in the order given: the first ones of as many different models as it names. With
 * `model`, a condition of one model takes that model's responses; without it, of the first model that has enough, or most.
 * Repeated texts are left out, for a pair of equal texts tells nothing apart. There may be fewer than wanted.
 * @throws ConfigError where `model` is given for a condition that wants several.
 */
export function candidatesOf(
  condition: DifferentiationCondition,
  responses: readonly SourcedResponse[],
  model?: string,
): ConditionCandidates {
  if (model !== undefined && condition.models !== 1)
    throw new ConfigError(
      `condition ${condition.name} takes responses of ${condition.models} models; leave the model out`,
    );
  const { kept } = distinctResponses(responses.map(({ text }) => text));
  const byModel = new Map<string | undefined, number[]>();
  for (const place of kept) {
    const source = responses[place]!.model;
    byModel.set(source, [...(byModel.get(source) ?? []), place]);
  }
  const enough = [...byModel.values()].map((places) => places.slice(0, condition.perModel));
  const chosen = condition.models === 1 ? [oneModel(byModel, condition.perModel, model)] : enough;
  return {
    places: chosen
      .slice(0, condition.models)
      .flat()
      .toSorted((a, b) => a - b),
    wanted: condition.models * condition.perModel,
    repeated: responses.length - kept.length,
  };
}

function oneModel(
  byModel: ReadonlyMap<string | undefined, readonly number[]>,
  wanted: number,
  model: string | undefined,
): readonly number[] {
  if (model !== undefined) return (byModel.get(model) ?? []).slice(0, wanted);
  const most = [...byModel.values()].reduce<readonly number[]>(
    (best, places) => (best.length < wanted && places.length > best.length ? places : best),
    [],
  );
  return most.slice(0, wanted);
}
