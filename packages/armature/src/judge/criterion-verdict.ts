import type { FailureKind } from "../failure.ts";

/**
 * What a judge found about one criterion. `value` is the degree to which the statement is literally true, 0 to 1: polarity
 * and weight are the aggregator's. A judge that says it cannot tell abstains; what is missing or unreadable has failed.
 */
export type CriterionVerdict =
  | {
      readonly status: "scored";
      readonly value: number;
      /** The label chosen, where the criterion has choices. */
      readonly choice?: string;
      /** Probabilities of true and of false at the verdict's token, where the judge reads them; together at most 1. */
      readonly probability?: { readonly met: number; readonly unmet: number };
      readonly reason: string | null;
    }
  | { readonly status: "abstained"; readonly reason: string | null }
  | { readonly status: "failed"; readonly kind: FailureKind; readonly detail: string };

/** One number about a response as a whole, in the judge's own range. */
export type RatingVerdict =
  | {
      readonly status: "scored";
      readonly rating: number;
      readonly lowest: number;
      readonly highest: number;
      readonly reason: string | null;
    }
  | { readonly status: "abstained"; readonly reason: string | null }
  | { readonly status: "failed"; readonly kind: FailureKind; readonly detail: string };
