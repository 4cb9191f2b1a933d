import { SeededStream } from "@armature/engine";
import type { PreferencePair } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { ArmRubricReading } from "../rubric/arm-rubric.ts";
import type { PairOutcome } from "./outcome.ts";
import { mixedOrder, type Order, type ShownPair, showPair } from "./shown-pair.ts";

/** One order for all pairs, a coin per pair, or every pair in both. */
export type PairOrders = Order | "mixed" | "both";

/** What every pairwise judge is told, whatever model it asks. */
export interface PairQuestions {
  readonly pairs: readonly PreferencePair[];
  readonly orders: PairOrders;
  readonly votes: number;
  readonly temperature: number;
  readonly seed: number;
}

/** Where an outcome stands: which pair, in which order, by which rubric. */
type PairPlace = Omit<PairOutcome, "votes" | "verdict">;

/** One pair in one order, as it is shown. */
export interface PairQuestion extends PairPlace {
  readonly pair: PreferencePair;
  readonly shown: ShownPair;
  /** Of this question's sampling: it depends on the seed, the pair's id and the order only. */
  readonly seed: number;
}

/** @throws ConfigError for settings that make no sense. */
export function checkPairQuestions({ votes, temperature, pairs }: PairQuestions): void {
  if (!Number.isInteger(votes) || votes < 1)
    throw new ConfigError(`votes is ${votes}; give a whole number of at least 1`);
  if (!(temperature >= 0)) throw new ConfigError(`judge temperature is ${temperature}; give 0 or more`);
  if (votes > 1 && temperature === 0)
    throw new ConfigError(
      `${votes} votes at temperature 0 are all the same; raise the temperature or take one vote`,
    );
  if (pairs.length === 0) throw new ConfigError("there are no pairs to judge; give at least one");
}

/**
 * One question per pair and order, pairs in the order given, `given` before `swapped`. `rubrics` holds rubric texts by prompt
 * id. Throws `ConfigError` for a prompt without one.
 */
export function pairQuestions(
  questions: PairQuestions,
  rubrics: ReadonlyMap<string, string>,
  readRubric: (text: string) => ArmRubricReading,
): readonly PairQuestion[] {
  return questions.pairs.flatMap((pair, pairIndex) => {
    const rubric = rubrics.get(pair.prompt.id);
    if (rubric === undefined)
      throw new ConfigError(`prompt ${pair.prompt.id} has no rubric; give its rubric or a rubric generator`);
    const reading = readRubric(rubric);
    return ordersOf(questions, pair).map((order) => ({
      pairIndex,
      pairId: pair.id,
      order,
      rubric,
      rubricFault: reading.ok ? null : reading.fault,
      pair,
      shown: showPair(pair, order),
      seed: new SeededStream(questions.seed, "judge", pair.id, order).uint32(),
    }));
  });
}

/** The part of a question that its outcome keeps. */
export function pairPlace({ pairIndex, pairId, order, rubric, rubricFault }: PairQuestion): PairPlace {
  return { pairIndex, pairId, order, rubric, rubricFault };
}

/** The orders in which a pair is shown. */
export function ordersOf(
  { orders, seed }: Pick<PairQuestions, "orders" | "seed">,
  pair: PreferencePair,
): readonly Order[] {
  if (orders === "both") return ["given", "swapped"];
  return [orders === "mixed" ? mixedOrder(seed, pair.id) : orders];
}
