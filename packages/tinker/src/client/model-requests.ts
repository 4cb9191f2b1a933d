import { TinkerError } from "../errors.ts";
import { readJson, Submitted } from "../wire/index.ts";
import { awaitResult } from "./await-result.ts";
import type { ClientConnection } from "./client-connection.ts";
import { type HttpCall, replyText } from "./http-call.ts";
import type { HttpTransport } from "./http-transport.ts";
import type { ResultReader } from "./read-poll.ts";
import type { RequestJournal } from "./request-journal.ts";

/** How one request is sent; it may be called again with the same number, and must then send the same. */
export type SendRequest = (seqId: number, call: (call: HttpCall) => Promise<Submitted>) => Promise<Submitted>;

/** One request that was accepted. */
export interface Accepted<T> {
  readonly seqId: number;
  readonly result: Promise<T>;
}

/** Requests on their way. */
export interface Submission<T> {
  /** When the next ones may be sent. */
  readonly sent: Promise<void>;
  /** When all are acknowledged. */
  readonly accepted: Promise<readonly Accepted<T>[]>;
}

/** Calls that may be unacknowledged at once where a server goes by number. */
const MOST_UNACKNOWLEDGED = 16;
const noValue = (): void => undefined;

/**
 * The numbered requests of one model. A request that the server refuses gives its number back, so that no gap is left; when it
 * is not known what the server did with one, nothing later is sent.
 */
export class ModelRequests {
  readonly #transport: HttpTransport;
  readonly #modelId: string;
  readonly #journal: RequestJournal | undefined;
  readonly #byNumber: boolean;
  readonly #unacknowledged = new Set<Promise<void>>();
  #nextSeqId = 1;
  #broken: TinkerError | undefined;
  #steps = 0;
  #lastDone = 0;
  #outstanding = new Set<Promise<unknown>>();

  constructor({ transport, journal, profile }: ClientConnection, modelId: string) {
    this.#transport = transport;
    this.#modelId = modelId;
    this.#journal = journal;
    this.#byNumber = profile.ordersByNumber;
  }

  /** True until a request was numbered: then a server loads weights into the model. */
  get isFresh(): boolean {
    return this.#nextSeqId === 1 && this.#broken === undefined;
  }

  /** Optimizer steps whose result has come. */
  get stepsApplied(): number {
    return this.#steps;
  }

  /** Resolves when no result is awaited any more. */
  async settled(): Promise<void> {
    while (this.#outstanding.size > 0) await Promise.allSettled(this.#outstanding);
  }

  /**
   * Sends requests with consecutive numbers, the second to last side by side and the first one last, so that the server has the
   * whole run when it may begin. Must not be called again before `sent` resolves: where the server goes by arrival that is
   * when all are acknowledged, where it goes by number it is as soon as not too many are unacknowledged.
   */
  submit<T>(reader: ResultReader<T>, sends: readonly SendRequest[], parallel = true): Submission<T> {
    if (this.#broken) {
      const accepted = Promise.reject(this.#broken);
      accepted.catch(() => undefined);
      return { sent: Promise.resolve(), accepted };
    }
    const first = this.#nextSeqId;
    this.#nextSeqId += sends.length;
    const accepted = this.#accepted(reader, first, sends, parallel);
    this.#remember(accepted);
    const settled = accepted.then(noValue, noValue);
    if (!this.#byNumber) return { sent: settled, accepted };
    this.#unacknowledged.add(settled);
    void settled.then(() => this.#unacknowledged.delete(settled));
    const room = this.#unacknowledged.size < MOST_UNACKNOWLEDGED;
    return { sent: room ? Promise.resolve() : Promise.race(this.#unacknowledged), accepted };
  }

  async #accepted<T>(
    reader: ResultReader<T>,
    first: number,
    sends: readonly SendRequest[],
    parallel: boolean,
  ): Promise<readonly Accepted<T>[]> {
    const start = (i: number) => this.#submitOne(reader, first + i, sends[i]!);
    try {
      if (parallel) {
        const others = sends.slice(1).map((_, i) => start(i + 1));
        return await Promise.all([start(0), ...others]);
      }
      const accepted: Accepted<T>[] = [];
      for (let i = 0; i < sends.length; i++) accepted.push(await start(i));
      return accepted;
    } catch (error) {
      throw this.#failedSubmission(error, first, sends.length);
    }
  }

  async #submitOne<T>(reader: ResultReader<T>, seqId: number, send: SendRequest): Promise<Accepted<T>> {
    const since = Date.now();
    const submitted = await this.#send(reader.type, seqId, send);
    const result = this.#result(reader, seqId, send, submitted, since);
    this.#remember(result);
    return { seqId, result };
  }

  #remember(work: Promise<unknown>): void {
    this.#outstanding.add(work);
    const forget = () => this.#outstanding.delete(work);
    work.then(forget, forget);
  }

  async #send(type: string, seqId: number, send: SendRequest): Promise<Submitted> {
    const submitted = await send(seqId, async (call) => {
      const reply = await this.#transport.call(call);
      return readJson(Submitted, replyText(reply), call.path, "protocol");
    });
    this.#journal?.note({
      event: "submitted",
      model: this.#modelId,
      seqId,
      type,
      requestId: submitted.request_id,
    });
    return submitted;
  }

  async #result<T>(
    reader: ResultReader<T>,
    seqId: number,
    send: SendRequest,
    submitted: Submitted,
    since: number,
  ): Promise<T> {
    const wait = (request: Submitted) => awaitResult(this.#transport, request, reader, { seqId, since });
    const { type } = reader;
    try {
      let value: T;
      try {
        value = await wait(submitted);
      } catch (error) {
        if (!TinkerError.isInstance(error) || !(error.kind === "expired" || isGap(error))) throw error;
        this.#transport.settings.onEvent({ type: "resubmit", request: type, seqId, why: error.message });
        value = await wait(await this.#send(type, seqId, send));
      }
      this.#lastDone = Math.max(this.#lastDone, seqId);
      if (type === "OptimStep") this.#steps++;
      this.#journal?.note({ event: "done", model: this.#modelId, seqId, type });
      return value;
    } catch (error) {
      if (TinkerError.isInstance(error) && error.kind !== "cancelled")
        this.#journal?.note({ event: "failed", model: this.#modelId, seqId, type });
      throw this.#located(error, seqId);
    }
  }

  /**
   * What a failed submission means for those after it. A refused request frees its number; where it is not known what the
   * server has of it, nothing later may be sent.
   */
  #failedSubmission(error: unknown, first: number, count: number): unknown {
    if (!TinkerError.isInstance(error)) return error;
    // With later numbers under way a gap would be left; then nothing more can be sent.
    const isLast = this.#nextSeqId === first + count;
    if (count === 1 && isLast && (error.kind === "user" || error.kind === "auth")) {
      this.#nextSeqId = first;
      return error;
    }
    const { kind, message } = error;
    const which = count === 1 ? `request ${first}` : `requests ${first} to ${first + count - 1}, one call,`;
    const unknown = new TinkerError(kind, `what the server has of ${which} is not known: ${message}`, {
      cause: error,
    });
    this.#broken ??= this.#located(kind === "expired" ? error : unknown, first);
    return this.#broken;
  }

  /** After a failure the caller must know where training stands. */
  #located(error: unknown, seqId: number): TinkerError {
    if (!TinkerError.isInstance(error))
      return new TinkerError("protocol", `request ${seqId}: ${(error as Error).message}`, {
        cause: error,
        seqId,
      });
    if (error.kind === "user" || error.kind === "cancelled") return error;
    const known = `of this model ${this.#steps} optimizer steps are known to be applied, the last request known to be done is ${this.#lastDone}`;
    const located = new TinkerError(
      error.kind,
      `${error.message}; ${known}; go on from a checkpoint of that step or before`,
      {
        cause: error,
        seqId,
        retryable: false,
        ...(error.status !== undefined && { status: error.status }),
        ...(error.requestId !== undefined && { requestId: error.requestId }),
      },
    );
    if (error.kind !== "server") this.#broken ??= located;
    return located;
  }
}

/** Servers fail requests that wait for a number which never came; they may be sent again. */
const isGap = (error: TinkerError): boolean =>
  error.kind === "user" && /waited .* for seq_id/.test(error.message);
