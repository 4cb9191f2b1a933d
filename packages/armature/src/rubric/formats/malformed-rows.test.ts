import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BENCHMARK_ROWS } from "../../../test/rubric/benchmark-rows.ts";
import { TRAINING_ROWS } from "../../../test/rubric/training-rows.ts";
import { isRow, type Row, RowFault } from "../../data/row-fields.ts";
import { lintRubric } from "../lint/lint-rubrics.ts";
import { RUBRIC_FORMATS, rubricFormat } from "./all-formats.ts";

const ROWS = [...TRAINING_ROWS, ...BENCHMARK_ROWS];

/** Paths of all values inside a value. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  const inner = Array.isArray(value) || isRow(value) ? Object.entries(value) : [];
  return [
    ...(path.length > 0 ? [path] : []),
    ...inner.flatMap(([name, item]) => pathsOf(item, [...path, name])),
  ];
}

function replaced(value: unknown, [name = "", ...rest]: readonly string[], by: unknown): unknown {
  const copy = (Array.isArray(value) ? [...value] : { ...(value as Row) }) as Record<string, unknown>;
  copy[name] = rest.length === 0 ? by : replaced(copy[name], rest, by);
  return copy;
}

const broken = fc
  .tuple(fc.constantFrom(...ROWS), fc.nat(), fc.jsonValue({ maxDepth: 2 }))
  .map(([[format, row], place, by]) => {
    const paths = pathsOf(row);
    return { format, row: replaced(row, paths[place % paths.length]!, by) as Row };
  });

describe("rows with one value replaced by any other", () => {
  it("are read, or refused in words", () => {
    fc.assert(
      fc.property(broken, ({ format, row }) => {
        for (const { detect } of RUBRIC_FORMATS) detect(row);
        const reader = rubricFormat(format);
        try {
          const items = reader.read(row);
          // What was read can be written, read again, and linted.
          expect(reader.write(items).flatMap((written) => reader.read(written))).toHaveLength(items.length);
          for (const item of items) lintRubric(item);
        } catch (error) {
          expect(error).toBeInstanceOf(RowFault);
          expect((error as RowFault).message).toMatch(/^\S.*\S$/s);
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe("rows of another format", () => {
  it("are refused in words, whichever format was asked for", () => {
    const anyRow = fc.oneof(
      fc.constantFrom(...ROWS.map(([, row]) => row)),
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
    );
    fc.assert(
      fc.property(fc.constantFrom(...RUBRIC_FORMATS), anyRow, (format, row) => {
        try {
          format.read(row);
        } catch (error) {
          expect(error).toBeInstanceOf(RowFault);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("an edited criterion", () => {
  it.each(ROWS.map(([format, row]) => [format, row] as const))(
    "is written over the old one: %s",
    (name, row) => {
      const format = rubricFormat(name);
      const edited = format.read(row).map((item) => {
        const [first, ...others] = item.rubric.criteria;
        const { verifier: _, ...plain } = first!;
        return {
          ...item,
          rubric: { ...item.rubric, criteria: [{ ...plain, text: "Edited words" }, ...others] },
        };
      });
      const read = format.write(edited).flatMap((written) => format.read(written));
      expect(read.map(({ rubric }) => rubric.criteria.map(({ text }) => text))).toEqual(
        edited.map(({ rubric }) => rubric.criteria.map(({ text }) => text)),
      );
      expect(read.map(({ rubric }) => rubric.criteria.map(({ weight }) => weight))).toEqual(
        edited.map(({ rubric }) => rubric.criteria.map(({ weight }) => weight)),
      );
    },
  );
});
