import { setMaxListeners } from "node:events";
import type { FailureKind } from "../failure.ts";
import {
  addUsage,
  type CallOptions,
  type Completion,
  type CompletionRequest,
  type LanguageModel,
  NO_USAGE,
} from "./language-model.ts";
import { ModelCallError } from "./model-call-error.ts";
import type { PurposeUsage, UsageReport } from "./usage-report.ts";

const EMPTY: PurposeUsage = { answered: 0, fromCache: 0, failed: {}, usage: NO_USAGE };

/** Adds up what models were asked for and what it took, by purpose. */
export class UsageMeter {
  readonly #byPurpose = new Map<string, PurposeUsage>();

  answered(purpose: string, { usage }: Completion): void {
    const before = this.#byPurpose.get(purpose) ?? EMPTY;
    this.#byPurpose.set(purpose, {
      ...before,
      answered: before.answered + 1,
      fromCache: before.fromCache + (usage.calls === 0 ? 1 : 0),
      usage: addUsage(before.usage, usage),
    });
  }

  failed(purpose: string, kind: FailureKind): void {
    const before = this.#byPurpose.get(purpose) ?? EMPTY;
    const failed = { ...before.failed, [kind]: (before.failed[kind] ?? 0) + 1 };
    this.#byPurpose.set(purpose, { ...before, failed });
  }

  report(): UsageReport {
    const total = [...this.#byPurpose.values()].reduce(sum, EMPTY);
    return { total, byPurpose: Object.fromEntries(this.#byPurpose) };
  }
}

function sum(a: PurposeUsage, b: PurposeUsage): PurposeUsage {
  const failed: Partial<Record<FailureKind, number>> = { ...a.failed };
  for (const [kind, count] of Object.entries(b.failed) as [FailureKind, number][])
    failed[kind] = (failed[kind] ?? 0) + count;
  return {
    answered: a.answered + b.answered,
    fromCache: a.fromCache + b.fromCache,
    failed,
    usage: addUsage(a.usage, b.usage),
  };
}

/** Tells a meter of every question: the outermost wrapper, so that answers out of a cache are seen, too. */
export class MeteredModel implements LanguageModel {
  readonly id: string;
  readonly #model: LanguageModel;
  readonly #meter: UsageMeter;

  constructor(model: LanguageModel, meter: UsageMeter) {
    this.id = model.id;
    this.#model = model;
    this.#meter = meter;
  }

  async complete(request: CompletionRequest, options: CallOptions = {}): Promise<Completion> {
    const { purpose = "other", signal } = options;
    // One signal ends many calls, each of which listens to it; that is no leak.
    if (signal) setMaxListeners(0, signal);
    try {
      const completion = await this.#model.complete(request, options);
      this.#meter.answered(purpose, completion);
      return completion;
    } catch (error) {
      // An aborted call is neither answered nor failed.
      if (ModelCallError.isInstance(error)) this.#meter.failed(purpose, error.kind);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#model.close?.();
  }
}
