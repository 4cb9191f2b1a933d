import { SeededStream } from "@armature/engine";

/** How a run that learns in rounds lays out its optimizer steps; known before anything is sampled. */
export interface RoundSettings {
  readonly rounds: number;
  /** Most items that a round learns from. */
  readonly itemsPerRound: number;
  readonly epochs: number;
  /** Most items a step. */
  readonly batchSize: number;
}

/** Where a step stands, all counted from 0. */
export interface RoundPlace {
  readonly round: number;
  readonly epoch: number;
  /** Within the epoch. */
  readonly batch: number;
  /** True for a round's first step. */
  readonly first: boolean;
}

/**
 * Steps of rounds of equal length, so that a schedule of the learning rate can span them all although nobody knows beforehand
 * how many items a round will get: the items that it got are spread evenly over its batches.
 */
export class RoundSchedule {
  readonly totalSteps: number;
  readonly #batchesPerEpoch: number;
  readonly #epochs: number;

  constructor({ rounds, itemsPerRound, epochs, batchSize }: RoundSettings) {
    this.#epochs = epochs;
    this.#batchesPerEpoch = Math.ceil(itemsPerRound / batchSize);
    this.totalSteps = rounds * epochs * this.#batchesPerEpoch;
  }

  placeOf(step: number): RoundPlace {
    const perRound = this.#epochs * this.#batchesPerEpoch;
    const within = step % perRound;
    return {
      round: Math.floor(step / perRound),
      epoch: Math.floor(within / this.#batchesPerEpoch),
      batch: within % this.#batchesPerEpoch,
      first: within === 0,
    };
  }

  /** The items of a step: every epoch of a round goes through all of them once, in an order of its own. */
  batchOf<T>(items: readonly T[], { round, epoch, batch }: RoundPlace, seed: number): readonly T[] {
    const order = new SeededStream(seed, "round order", round, epoch).shuffled(items);
    const border = (index: number) => Math.floor((index * items.length) / this.#batchesPerEpoch);
    return order.slice(border(batch), border(batch + 1));
  }

  /** The batches of a round's first epoch, in order. */
  firstEpoch<T>(items: readonly T[], round: number, seed: number): readonly (readonly T[])[] {
    return Array.from({ length: this.#batchesPerEpoch }, (_, batch) =>
      this.batchOf(items, { round, epoch: 0, batch, first: batch === 0 }, seed),
    );
  }
}
