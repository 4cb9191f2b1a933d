import type { z } from "zod";

/** A field that may be absent or null; both are read as undefined. */
export const optional = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? undefined) as unknown as z.ZodType<
    z.output<T> | undefined,
    z.input<T> | null | undefined
  >;
