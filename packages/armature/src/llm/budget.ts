import type { Usage } from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";

/** Tokens of prompts and answers, and dollars; null where some price is not known. */
export interface Amount {
  readonly tokens: number;
  readonly usd: number | null;
}

export const NOTHING: Amount = { tokens: 0, usd: 0 };

export function plus(a: Amount, b: Amount): Amount {
  return { tokens: a.tokens + b.tokens, usd: a.usd === null || b.usd === null ? null : a.usd + b.usd };
}

/** What requests took, in a place that outlives the process. */
export interface SpendLedger {
  /** Called before a request is sent; the id is for `settle`. */
  reserve(amount: Amount): number;
  /** What it took in the end; the id is null where nothing was reserved. */
  settle(id: number | null, amount: Amount): void;
}

/** Price of a model in US dollars per million tokens, as its provider states it. */
export interface TokenPrice {
  readonly input: number;
  readonly output: number;
  /** Of prompt tokens that the provider read from its cache; default as `input`. */
  readonly cachedInput?: number | undefined;
}

/** Cost in US dollars. */
export function costOf(
  {
    promptTokens,
    cachedPromptTokens,
    completionTokens,
  }: Pick<Usage, "promptTokens" | "cachedPromptTokens" | "completionTokens">,
  { input, output, cachedInput = input }: TokenPrice,
): number {
  const fresh = promptTokens - cachedPromptTokens;
  return (fresh * input + cachedPromptTokens * cachedInput + completionTokens * output) / 1e6;
}

/** Most that may be spent; absent is without limit. */
export interface BudgetLimits {
  readonly tokens?: number | undefined;
  readonly usd?: number | undefined;
}

/** Leave to spend up to `amount`; exactly one `settle` gives back what was not needed. */
export interface Reservation {
  readonly amount: Amount;
  readonly ledgerId: number | null;
}

interface Waiting {
  readonly amount: Amount;
  /** Whose request it is, for the message. */
  readonly who: string;
  resolve(reservation: Reservation): void;
  reject(error: Error): void;
}

/**
 * Money and tokens that all models of a session share. Every request reserves the most it can take before it is sent, and
 * settles what it took, so the limits are never exceeded. A request that fits only once others have settled waits for them;
 * one that cannot fit any more fails with kind `budget`.
 */
export class Budget {
  readonly #limits: BudgetLimits;
  readonly #ledger: SpendLedger | null;
  #spent: Amount;
  #reserved: Amount = NOTHING;
  #open = 0;
  #queue: Waiting[] = [];

  /** `spent` is what counts already, for instance from a log. */
  constructor(limits: BudgetLimits, ledger: SpendLedger | null = null, spent: Amount = NOTHING) {
    this.#limits = limits;
    this.#ledger = ledger;
    this.#spent = spent;
  }

  /** Settled so far, with what counted at the start. */
  get spent(): Amount {
    return this.#spent;
  }

  /** True where there is something to keep to. */
  get limited(): boolean {
    return this.#limits.tokens !== undefined || this.#limits.usd !== undefined;
  }

  /** Rejects with a `ModelCallError` of kind `budget`, or with the signal's reason. */
  reserve(amount: Amount, who: string, signal?: AbortSignal): Promise<Reservation> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      let settled = (): void => undefined;
      const waiting: Waiting = {
        amount,
        who,
        resolve: (reservation) => {
          settled();
          resolve(reservation);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      this.#queue.push(waiting);
      this.#pump();
      // Most need not wait, and listening to the signal costs more than the rest.
      if (signal === undefined || !this.#queue.includes(waiting)) return;
      const onAbort = (): void => {
        this.#queue = this.#queue.filter((other) => other !== waiting);
        reject(signal.reason as Error);
        this.#pump();
      };
      settled = () => signal.removeEventListener("abort", onAbort);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  settle({ amount, ledgerId }: Reservation, took: Amount): void {
    this.#ledger?.settle(ledgerId, took);
    this.#open--;
    // Sums of floats drift; with nothing open nothing is reserved.
    this.#reserved = this.#open === 0 ? NOTHING : minus(this.#reserved, amount);
    this.#spent = plus(this.#spent, took);
    this.#pump();
  }

  #pump(): void {
    while (this.#queue.length > 0) {
      const first = this.#queue[0]!;
      if (!this.#holds(plus(this.#spent, first.amount))) {
        this.#queue.shift();
        first.reject(this.#usedUp(first));
      } else if (this.#holds(plus(plus(this.#spent, this.#reserved), first.amount))) {
        this.#queue.shift();
        this.#reserved = plus(this.#reserved, first.amount);
        this.#open++;
        const ledgerId = this.limited && this.#ledger ? this.#ledger.reserve(first.amount) : null;
        first.resolve({ amount: first.amount, ledgerId });
      } else return;
    }
  }

  #holds({ tokens, usd }: Amount): boolean {
    const { tokens: mostTokens = Number.POSITIVE_INFINITY, usd: mostUsd } = this.#limits;
    // An unknown cost fits no limit of money.
    return tokens <= mostTokens && (mostUsd === undefined || (usd !== null && usd <= mostUsd));
  }

  #usedUp({ amount, who }: Waiting): ModelCallError {
    const { tokens, usd } = this.#limits;
    const left = [
      ...(usd === undefined
        ? []
        : [`$${money(this.#spent.usd)} of $${usd} spent, up to $${money(amount.usd)} needed`]),
      ...(tokens === undefined
        ? []
        : [`${this.#spent.tokens} of ${tokens} tokens used, up to ${amount.tokens} needed`]),
    ].join("; ");
    return new ModelCallError(
      `${who}: the budget is used up (${left}); raise it and run the same command again`,
      {
        kind: "budget",
        retryable: false,
      },
    );
  }
}

function minus(a: Amount, b: Amount): Amount {
  return { tokens: a.tokens - b.tokens, usd: a.usd === null || b.usd === null ? null : a.usd - b.usd };
}

const money = (usd: number | null): string => (usd === null ? "?" : String(Number(usd.toPrecision(3))));
