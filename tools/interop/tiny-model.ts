import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalEngine } from "@armature/engine";
import { CACHE } from "./python-environment.ts";

const SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
const VOCABULARY_SIZE = 256 + SPECIAL.length;

/**
 * A folder with a Llama of random weights that reads any text byte by byte, in Hugging Face's layout: what other people's programs
 * load where a test needs a model at once.
 */
export async function tinyModel(): Promise<string> {
  const folder = join(CACHE, "tiny-llama");
  if (existsSync(join(folder, "tokenizer.json"))) return folder;
  const config = {
    vocabularySize: VOCABULARY_SIZE,
    hiddenSize: 32,
    layers: 2,
    heads: 2,
    keyValueHeads: 1,
    headDim: 16,
    intermediateSize: 64,
    ropeTheta: 10_000,
    normEpsilon: 1e-5,
    tiedEmbeddings: false,
    maxContextLength: 2048,
    eosTokenIds: [256],
  };
  const engine = await LocalEngine.open({ kind: "random", name: "tiny-llama", config, seed: 1 });
  const model = await engine.createModel({ lora: null, checkpoints: CACHE });
  await model.saveWeights("tiny-llama").result;
  await engine.close();
  const write = (name: string, value: object) =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
  write("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    eos_token: SPECIAL[0],
    pad_token: SPECIAL[0],
    clean_up_tokenization_spaces: false,
    chat_template:
      "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
  });
  write("tokenizer.json", tokenizerJson());
  return folder;
}

function tokenizerJson(): object {
  const characters = byteCharacters();
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, i) => ({
      id: 256 + i,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: Object.fromEntries(characters.map((character, byte) => [character, byte])),
      merges: [],
    },
  };
}

/** The printable character that byte-level tokenizers write for each byte (GPT-2). */
function byteCharacters(): string[] {
  const isPrintable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++));
}
