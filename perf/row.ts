/** What a row's measurement gave. */
export interface Measurement {
  readonly value: number;
  readonly unit: string;
  /** Whether the bar is met. */
  readonly holds: boolean;
  /** What a reader needs to believe or repeat the value: parts of it, seeds, versions, machine. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * One claim that can be measured again: `perf/rows/<name>.ts` exports `row`. The module imports what is heavy inside
 * `measure`, for the list of rows loads every module. Lines about how far it is go to stderr.
 */
export interface Row {
  readonly name: string;
  readonly what: string;
  /** What must hold, in words. */
  readonly bar: string;
  measure(): Promise<Measurement>;
}
