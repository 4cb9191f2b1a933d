import type { z } from "zod";

/** A field that may be absent or null; both are read as undefined. */
export const optional = <T extends z.ZodType>(schema: T) =>
  schema
    .nullish()
    .transform((value): z.output<T> | undefined => (value ?? undefined) as z.output<T> | undefined);
