import { z } from "zod";
import { TinkerError } from "../errors.ts";
import type { Submitted } from "../wire/index.ts";
import { awaitResult } from "./await-result.ts";
import type { RequestType } from "./client-events.ts";
import { type OutstandingRequest, RequestJournal, readJournal } from "./request-journal.ts";
import type { ServiceClient } from "./service-client.ts";

/** What became of the requests that a process left behind. */
export interface Recovery {
  readonly requests: readonly (OutstandingRequest & {
    /** `unknown`: the server does not know the request any more; the model's state is that of a checkpoint at best. */
    readonly outcome: "done" | "failed" | "unknown";
    readonly why?: string;
  })[];
  /** For each model of the journal the optimizer steps known to be applied. */
  readonly steps: ReadonlyMap<string, number>;
}

/**
 * Asks the server for the requests that a journal names as outstanding, and notes what became of them. Afterwards the number of
 * steps is exact for each model none of whose requests are `unknown`. Throws `TinkerError` where the server cannot be asked.
 */
export async function recoverRequests(client: ServiceClient, path: string): Promise<Recovery> {
  const journal = new RequestJournal(path);
  const requests: Recovery["requests"][number][] = [];
  for (const request of readJournal(path).outstanding) {
    const found = await outcomeOf(client, request);
    if (found.outcome !== "unknown") {
      const { model, seqId, type } = request;
      journal.note({ event: found.outcome, model, seqId, type });
    }
    requests.push({ ...request, ...found });
  }
  const steps = new Map([...readJournal(path).models].map(([model, known]) => [model, known.steps]));
  return { requests, steps };
}

async function outcomeOf(
  client: ServiceClient,
  { requestId, seqId, type }: OutstandingRequest,
): Promise<{ readonly outcome: "done" | "failed" | "unknown"; readonly why?: string }> {
  const reader = { type: type as RequestType, json: z.unknown() };
  const submitted = { request_id: requestId } as Submitted;
  try {
    await awaitResult(client.connection.transport, submitted, reader, { seqId, since: Date.now() });
    return { outcome: "done" };
  } catch (error) {
    if (!TinkerError.isInstance(error)) throw error;
    if (error.kind === "expired") return { outcome: "unknown", why: error.message };
    if (error.kind === "user" || error.kind === "server" || error.kind === "unknown")
      return { outcome: "failed", why: error.message };
    throw error;
  }
}
