import { ModelFileError } from "../errors.ts";
import { FileBytes } from "../weights/file-bytes.ts";
import { createTokenizer } from "./json-tokenizer.ts";
import { scoredBpeFiles } from "./scored-bpe.ts";
import type { Tokenizer } from "./tokenizer.ts";

const MAX_FILE_BYTES = 64 * 2 ** 20;
/** Fixed by llama2.c's run.c; the file holds them as "\n<s>\n" and "\n</s>\n". */
const CONTROL_TOKENS = ["<unk>", "<s>", "</s>"];

/**
 * Reads the tokenizer of llama2.c (`tokenizer.bin`, `tok512.bin`): an int32 with the longest piece, then for each piece a
 * float32 score, an int32 byte count and the UTF-8 bytes. The file does not say how many pieces it holds: `vocabularySize`
 * is the model's. Throws `ModelFileError` where it does not fit.
 */
export function readLlama2cTokenizer(path: string, vocabularySize: number): Tokenizer {
  const file = new FileBytes(path);
  try {
    if (file.size > MAX_FILE_BYTES) throw new ModelFileError(`${path}: too large for a llama2.c tokenizer`);
    const bytes = new Uint8Array(file.size);
    file.read(0, bytes, "the tokenizer");
    const { tokens, scores } = readPieces(path, bytes, vocabularySize);
    const files = scoredBpeFiles({
      tokens,
      scores,
      control: CONTROL_TOKENS.map((_, id) => id),
      // The begin token also ends a text: training data have it between texts, and no other mark.
      marks: { unknown: 0, bos: 1, eos: 1 },
      addBos: true,
      addSpacePrefix: true,
    });
    return createTokenizer(files, path);
  } finally {
    file.close();
  }
}

function readPieces(path: string, bytes: Uint8Array, count: number): { tokens: string[]; scores: number[] } {
  const view = new DataView(bytes.buffer);
  const tokens: string[] = [];
  const scores: number[] = [];
  let position = 4;
  for (let id = 0; id < count; id++) {
    const length = position + 8 <= bytes.length ? view.getInt32(position + 4, true) : -1;
    if (length < 0 || position + 8 + length > bytes.length)
      throw new ModelFileError(
        `${path}: ends within token ${id} of ${count}; give the tokenizer that the checkpoint was trained with`,
      );
    scores.push(view.getFloat32(position, true));
    const piece = new TextDecoder().decode(bytes.subarray(position + 8, position + 8 + length));
    tokens.push(CONTROL_TOKENS[id] ?? piece.replaceAll(" ", "▁"));
    position += 8 + length;
  }
  if (position !== bytes.length)
    throw new ModelFileError(
      `${path}: holds more than the model's ${count} tokens; give the tokenizer that the checkpoint was trained with`,
    );
  return { tokens, scores };
}
