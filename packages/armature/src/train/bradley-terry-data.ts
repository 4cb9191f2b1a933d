import type { BradleyTerryRecipe } from "../config/bradley-terry-recipe.ts";
import type { PreferencePair } from "../data/prompt.ts";
import { ConfigError } from "../errors.ts";
import type { ScoredPair } from "./bradley-terry.ts";
import type { OpenScalarModel } from "./bradley-terry-model.ts";
import { fitPairs } from "./fit-pairs.ts";
import { pairsFromFiles } from "./pair-files.ts";
import { priorBound } from "./prior-constraint.ts";
import type { RunPairs } from "./run-pairs.ts";
import { sandboxPairs } from "./sandbox-pairs.ts";

/** A pair as the model and the loss read it. */
export interface PairSequences extends Pick<ScoredPair, "margin" | "bound"> {
  readonly pair: PreferencePair;
  readonly chosen: Int32Array;
  readonly rejected: Int32Array;
}

/** Makes or reads the pairs of a recipe. Throws `DataError` for unusable files and `ConfigError` for too few pairs. */
export async function bradleyTerryData(
  { data, seed, evaluation }: Pick<BradleyTerryRecipe, "data" | "seed" | "evaluation">,
  resolve: (path: string) => string,
  { sequence, contextLength }: OpenScalarModel,
): Promise<RunPairs> {
  const { pairs: heldOut, watchingPairs: watching } = evaluation;
  if (data.kind === "sandbox")
    return sandboxPairs(seed, { training: data.pairs, labelNoise: data.labelNoise, watching, heldOut });
  const limit = {
    tokens: Math.min(data.maxTokens, contextLength),
    overlong: data.overlong,
    what: "the prompt with its longer response",
    key: "data.maxTokens",
  };
  const length = ({ prompt, chosen, rejected }: PreferencePair) =>
    Math.max(sequence(prompt, chosen).length, sequence(prompt, rejected).length);
  const read = await pairsFromFiles(data, seed, resolve, (pairs) => fitPairs(pairs, limit, length));
  const wanted = watching + (data.pairs ?? 1);
  if (read.train.length < wanted || read.heldOut.length === 0)
    throw new ConfigError(
      `${data.train.join(", ")}: ${read.train.length} usable training pairs and ${read.heldOut.length} held-out ones, ${wanted} and 1 are needed; lower data.pairs or evaluation.watchingPairs, or raise data.maxTokens`,
    );
  const end = data.pairs === null ? read.train.length : wanted;
  return {
    train: read.train.slice(watching, end),
    watching: read.train.slice(0, watching),
    heldOut: read.heldOut.slice(0, heldOut),
    notes: read.notes,
  };
}

/** Tokens of pairs with their margins and bounds. Throws `ConfigError` for a pair without the margin that the loss asks for. */
export function pairSequences(
  pairs: readonly PreferencePair[],
  { margin, marginScale, prior }: BradleyTerryRecipe["loss"],
  sequence: OpenScalarModel["sequence"],
): readonly PairSequences[] {
  return pairs.map((pair) => {
    const [chosen, rejected] = [sequence(pair.prompt, pair.chosen), sequence(pair.prompt, pair.rejected)];
    if (margin === "given" && pair.margin === undefined)
      throw new ConfigError(
        `${pair.source ? `${pair.source.file}:${pair.source.line}` : `pair ${pair.id}`}: has no margin, which loss.margin given asks for; add margin, or score_chosen and score_rejected, or set loss.margin to a number`,
      );
    return {
      ...{ pair, chosen, rejected },
      margin: margin === "given" ? marginScale * pair.margin! : margin,
      bound: prior && priorBound(prior, chosen, rejected),
    };
  });
}
