import type { TokenLogprob } from "@armature/tinker";
import type { TokenDistributions } from "./next-token.ts";

/**
 * The `count` most likely tokens of one row, the likeliest first (of equals the smaller id), with ln p at temperature 1, before
 * top-k and top-p. Tokens whose weight is 0 in float32 are left out.
 */
export function topTokens(
  { rawMasses, rowStride, tokenStride, vocabularySize, weights }: TokenDistributions,
  row: number,
  count: number,
  temperature: number,
): TokenLogprob[] {
  const tokens: number[] = [];
  const kept: number[] = [];
  for (let token = 0, at = row * rowStride; token < vocabularySize; token++, at += tokenStride) {
    const weight = weights[at]!;
    if (weight === 0 || (kept.length === count && weight <= kept[count - 1]!)) continue;
    let place = kept.length;
    while (place > 0 && kept[place - 1]! < weight) place--;
    tokens.splice(place, 0, token);
    kept.splice(place, 0, weight);
    if (kept.length > count) {
      tokens.pop();
      kept.pop();
    }
  }
  const scale = temperature === 0 ? 1 : temperature;
  const logMass = Math.log(rawMasses[row]!);
  // float32, as the logprob of the chosen token is.
  return tokens.map((token, i) => ({
    token,
    logprob: Math.fround(scale * Math.log(kept[i]!) - logMass),
  }));
}
