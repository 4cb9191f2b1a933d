/** JSON of a run's own records. Numbers that JSON lacks (NaN, infinities) are kept as strings, never as a silent null. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, item: unknown) => (typeof item === "number" && !Number.isFinite(item) ? String(item) : item),
    indent,
  );
}

const NON_FINITE: ReadonlyMap<unknown, number> = new Map(
  [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => [String(value), value]),
);

/** Inverse of `toJson` for records of numbers. Not for records that hold free text, which may read "NaN" and mean it. */
export function fromJson(text: string): unknown {
  return JSON.parse(text, (_, item: unknown) => NON_FINITE.get(item) ?? item);
}

/** One record a line. */
export function toJsonLines(records: readonly unknown[]): string {
  return records.map((record) => `${toJson(record)}\n`).join("");
}

/** Records of a whole file; an unfinished last line (no newline yet) is not a record. */
export function fromJsonLines<T>(text: string, parse: (line: string) => unknown): T[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => parse(line) as T);
}
