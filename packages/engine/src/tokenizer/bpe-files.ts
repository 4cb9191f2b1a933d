import type { JsonObject } from "../weights/json-file.ts";
import type { TokenizerFiles } from "./tokenizer.ts";

/** Ids of the tokens with a role of their own. */
export interface MarkIds {
  readonly bos?: number | undefined;
  readonly eos?: number | undefined;
  readonly unknown?: number | undefined;
  readonly pad?: number | undefined;
}

interface BpeParts {
  readonly tokens: readonly string[];
  readonly merges: readonly (readonly [string, string])[];
  readonly marks: MarkIds;
  /** Tokens that are matched in the text before anything else, and whether they are special. */
  readonly added: readonly { readonly id: number; readonly special: boolean }[];
  /** Puts the beginning mark before a sequence. */
  readonly addBos: boolean;
  readonly model?: JsonObject;
  readonly normalizer: JsonObject | null;
  readonly preTokenizer: JsonObject | null;
  readonly decoder: JsonObject;
  readonly chatTemplate?: string | undefined;
}

/** The `tokenizer.json` and `tokenizer_config.json` of a byte-pair-encoding tokenizer. */
export function bpeFiles(parts: BpeParts): TokenizerFiles {
  const { tokens, marks } = parts;
  const text = (id: number | undefined) => (id === undefined ? undefined : tokens[id]);
  const bos = text(marks.bos);
  const beginning = parts.addBos && bos !== undefined ? [{ SpecialToken: { id: bos, type_id: 0 } }] : [];
  const tokenizerJson: JsonObject = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: parts.added.map(({ id, special }) => ({
      id,
      content: tokens[id],
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special,
    })),
    normalizer: parts.normalizer,
    pre_tokenizer: parts.preTokenizer,
    post_processor: {
      type: "TemplateProcessing",
      single: [...beginning, { Sequence: { id: "A", type_id: 0 } }],
      pair: [...beginning, { Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
      special_tokens:
        bos === undefined || !parts.addBos ? {} : { [bos]: { id: bos, ids: [marks.bos], tokens: [bos] } },
    },
    decoder: parts.decoder,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      ...parts.model,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: parts.merges,
    },
  };
  const tokenizerConfig: JsonObject = {
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
    bos_token: bos,
    eos_token: text(marks.eos),
    unk_token: text(marks.unknown),
    pad_token: text(marks.pad),
    chat_template: parts.chatTemplate,
  };
  return { tokenizerJson, tokenizerConfig };
}
