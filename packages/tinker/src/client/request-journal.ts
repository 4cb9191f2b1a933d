import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { TinkerError } from "../errors.ts";

/** What a journal notes of a request: that it was accepted, or that its result came or never will. */
const Line = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("submitted"),
    model: z.string(),
    seqId: z.int(),
    type: z.string(),
    requestId: z.string(),
  }),
  z.object({ event: z.enum(["done", "failed"]), model: z.string(), seqId: z.int(), type: z.string() }),
]);

type Line = z.infer<typeof Line>;

/** A request of an earlier process whose result nobody has seen. */
export interface OutstandingRequest {
  readonly model: string;
  readonly seqId: number;
  readonly type: string;
  readonly requestId: string;
}

/** What a journal says about one model. */
export interface JournalSummary {
  readonly outstanding: readonly OutstandingRequest[];
  /** For each model the number of optimizer steps known to be applied, and the last request known to be done. */
  readonly models: ReadonlyMap<string, { readonly steps: number; readonly lastDone: number }>;
}

/**
 * A file that only grows, one line for each submission and each result, so that a process that starts after a crash knows
 * which requests it has out and which step was applied last. It holds ids and numbers, no data and no key.
 */
export class RequestJournal {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  note(line: Line): void {
    appendFileSync(this.path, `${JSON.stringify(line)}\n`);
  }
}

/** Reads a journal; an unfinished last line is no line. Throws `TinkerError` of kind `user` for a damaged one. */
export function readJournal(path: string): JournalSummary {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const outstanding = new Map<string, OutstandingRequest>();
  const models = new Map<string, { steps: number; lastDone: number }>();
  text
    .split("\n")
    .slice(0, -1)
    .forEach((row, i) => {
      const line = parsed(row);
      if (!line)
        throw new TinkerError("user", `${path}:${i + 1}: is no line of a journal; remove it or the file`);
      const key = `${line.model} ${line.seqId}`;
      const known = models.get(line.model) ?? { steps: 0, lastDone: 0 };
      if (line.event === "submitted") {
        const { model, seqId, type, requestId } = line;
        outstanding.set(key, { model, seqId, type, requestId });
      } else if (outstanding.delete(key) && line.event === "done") {
        known.lastDone = Math.max(known.lastDone, line.seqId);
        if (line.type === "OptimStep") known.steps++;
      }
      models.set(line.model, known);
    });
  return { outstanding: [...outstanding.values()], models };
}

function parsed(row: string): Line | undefined {
  try {
    return Line.safeParse(JSON.parse(row)).data;
  } catch {
    return undefined;
  }
}
