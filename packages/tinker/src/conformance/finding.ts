/** One thing that was checked, with what was measured. */
export interface Finding {
  readonly what: string;
  readonly holds: boolean;
  readonly measured: string;
}

/** Findings of one group; a check that does not apply to a backend says so and counts for nothing. */
export class Findings {
  readonly found: Finding[] = [];
  readonly notes: string[] = [];

  /** A measured number must be within a tolerance of what is expected. */
  near(what: string, value: number, expected: number, tolerance: number): void {
    const holds = Math.abs(value - expected) <= tolerance;
    this.found.push({
      what,
      holds,
      measured: `${short(value)}, expected ${short(expected)} ± ${short(tolerance)}`,
    });
  }

  /** A measured number must not exceed a bound. */
  atMost(what: string, value: number, bound: number): void {
    this.found.push({ what, holds: value <= bound, measured: `${short(value)}, at most ${short(bound)}` });
  }

  that(what: string, holds: boolean, measured: string): void {
    this.found.push({ what, holds, measured });
  }

  /** Why something was not checked, or what was seen beside. */
  note(text: string): void {
    this.notes.push(text);
  }
}

const short = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);

/** Largest difference of two rows; NaN where they have different lengths. */
export function gap(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.NaN;
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}
