"""Golden token ids from the reference tokenizers (pip: tokenizers sentencepiece).

Trains tiny vocabularies on the text below and writes them, as GGUF metadata holds them, with the ids of odd texts to
tokenizers.json: byte-level BPE under each way of cutting a text, and a SentencePiece BPE model with byte fallback.
"""

import io
import json
from pathlib import Path

import sentencepiece as spm
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = Path(__file__).parent
CORPUS = [
    "A rubric says what a good answer is, and a judge reads the answer against it.",
    "The judge can't see the reference; it's told only the rules, and they're short.",
    "Rule 1: name the price. Rule 2: stay below 120 words. Rule 3: don't shout!!!",
    "def score(answer):\n    total = 0\n    for rule in rules:\n        total += rule(answer)\n    return total\n",
    "In 2024 about 37 of 1250 answers broke rule 12; in 2025 only 9 of 1300 did.",
    "Der Richter prüft die Antwort. Le juge vérifie la réponse à l'aide des règles.",
]
TEXTS = [
    "",
    " ",
    "a",
    "The judge reads the answer.",
    " leading and trailing ",
    "two  spaces   three    four",
    "tab\tand\nnew line\r\nand\n\n\nthree",
    "\n",
    "   \n  indented",
    "It's told they're short, I'll say we've said what he'd say: can't",
    "IT'S TOLD THEY'RE SHORT",
    "1 12 123 1234 12345",
    " 1  2   3",
    "x1y22z333",
    "3.14159, -17, 1e-6, 0xff, 50%",
    "def f(x):\n    return x ** 2  # square\n",
    "a_b-c/d\\e|f~g`h",
    "!!! ??? ... ---",
    "prüft réponse À l'aide",
    "e\u0301 combining",
    "你好，世界",
    "日本語テキスト",
    "Привет, мир",
    "مرحبا",
    "😀👍🏽🇺🇸 ❤️",
    "\u00a0nbsp\u200bzero\ufeffbom",
    "½ ² Ⅷ ٣٤ ௧",
    "<|end|>",
    "before<|user|>after <|end|> end",
    "<|user|><|user|>\n<|end|>",
    "\x00\x01\x7f",
    "mixed 12三4５ digits",
]
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def byte_level(name: str, splitter: pre_tokenizers.PreTokenizer) -> dict:
    tokenizer = Tokenizer(models.BPE(ignore_merges=name == "llama-bpe"))
    tokenizer.pre_tokenizer = splitter
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=380,
        special_tokens=["<|end|>", "<|user|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    encoded = [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]
    decoded = [tokenizer.decode(ids, skip_special_tokens=False) for ids in encoded]
    return {"pre": name, "tokens": tokens, "merges": merges, "ids": encoded, "decoded": decoded}


def sentence_piece() -> dict:
    model = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS),
        model_writer=model,
        model_type="bpe",
        vocab_size=400,
        byte_fallback=True,
        # As Llama's: texts are taken as they are.
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        split_digits=True,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    processor = spm.SentencePieceProcessor(model_proto=model.getvalue())
    size = processor.get_piece_size()
    # llama.cpp's types: 1 normal, 2 unknown, 3 control, 6 byte.
    kind = lambda i: 2 if processor.is_unknown(i) else 3 if processor.is_control(i) else 6 if processor.is_byte(i) else 1
    texts = [text for text in TEXTS if "<|" not in text]
    return {
        "tokens": [processor.id_to_piece(i) for i in range(size)],
        "scores": [processor.get_score(i) for i in range(size)],
        "types": [kind(i) for i in range(size)],
        "texts": texts,
        "ids": [processor.encode(text) for text in texts],
    }


byte_level_kinds = {
    "gpt-2": pre_tokenizers.ByteLevel(add_prefix_space=False),
    "smollm": pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    ),
    "llama-bpe": pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(LLAMA3), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    ),
}
golden = {
    "texts": TEXTS,
    "byteLevel": [byte_level(name, splitter) for name, splitter in byte_level_kinds.items()],
    "sentencePiece": sentence_piece(),
}
(HERE / "tokenizers.json").write_text(json.dumps(golden) + "\n")
