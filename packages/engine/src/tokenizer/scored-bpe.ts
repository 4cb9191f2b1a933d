import { bpeFiles, type MarkIds } from "./bpe-files.ts";
import type { TokenizerFiles } from "./tokenizer.ts";

/** A SentencePiece vocabulary of the BPE kind: pieces, "▁" for a space, `<0xNN>` for raw bytes, and a score for each. */
export interface ScoredVocabulary {
  readonly tokens: readonly string[];
  readonly scores: readonly number[];
  /** Ids of control tokens and of user-defined pieces; neither takes part in merging. */
  readonly control: readonly number[];
  readonly userDefined?: readonly number[];
  readonly marks: MarkIds;
  readonly addBos: boolean;
  /** Treats a text as if it began with a space. */
  readonly addSpacePrefix: boolean;
  readonly chatTemplate?: string | undefined;
}

/**
 * SentencePiece merges the neighbouring pair whose joined piece scores highest. Listing every split of every piece in the
 * order of its score gives a rank-based BPE that does the same.
 */
export function scoredBpeFiles(vocabulary: ScoredVocabulary): TokenizerFiles {
  const { tokens, marks } = vocabulary;
  const space = { type: "Replace", pattern: { String: " " }, content: "▁" };
  const prefix = { type: "Prepend", prepend: "▁" };
  return bpeFiles({
    tokens,
    marks,
    merges: mergesByScore(vocabulary),
    added: [
      ...vocabulary.control.map((id) => ({ id, special: true })),
      ...(vocabulary.userDefined ?? []).map((id) => ({ id, special: false })),
    ],
    addBos: vocabulary.addBos,
    model: {
      unk_token: marks.unknown === undefined ? null : (tokens[marks.unknown] ?? null),
      fuse_unk: true,
      byte_fallback: true,
    },
    normalizer: { type: "Sequence", normalizers: vocabulary.addSpacePrefix ? [prefix, space] : [space] },
    preTokenizer: null,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: "▁" }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        ...(vocabulary.addSpacePrefix ? [{ type: "Strip", content: " ", start: 1, stop: 0 }] : []),
      ],
    },
    chatTemplate: vocabulary.chatTemplate,
  });
}

function mergesByScore({ tokens, scores, control, userDefined = [] }: ScoredVocabulary): [string, string][] {
  const unmerged = new Set([...control, ...userDefined]);
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges: { pair: [string, string]; score: number }[] = [];
  tokens.forEach((token, id) => {
    if (unmerged.has(id)) return;
    const characters = [...token];
    for (let cut = 1; cut < characters.length; cut++) {
      const pair: [string, string] = [characters.slice(0, cut).join(""), characters.slice(cut).join("")];
      if (pair.every((part) => ids.has(part) && !unmerged.has(ids.get(part)!)))
        merges.push({ pair, score: scores[id]! });
    }
  });
  // Sorting is stable, so pieces of one score keep the order of the vocabulary.
  return merges.sort((a, b) => b.score - a.score).map(({ pair }) => pair);
}
