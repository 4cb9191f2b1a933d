"""Token ids of stories260K after run.c of llama2.c: python make-llama2c-golden.py TOK512.bin

The function is a port of run.c's `encode` (add a space, look up characters, fall back to bytes, merge the neighbouring pair
of the best score until none is left). Writes llama2c-tokens.json.
"""

import json
import struct
import sys
from pathlib import Path

data = Path(sys.argv[1]).read_bytes()
pieces, scores, at = [], [], 4
while at < len(data):
    score, length = struct.unpack_from("<fi", data, at)
    pieces.append(data[at + 8 : at + 8 + length])
    scores.append(score)
    at += 8 + length
ids = {piece: i for i, piece in reversed(list(enumerate(pieces)))}


def encode(text: str) -> list[int]:
    tokens = [1]
    if text:
        tokens.append(ids[b" "])
    for character in text:
        piece = character.encode()
        tokens += [ids[piece]] if piece in ids else [byte + 3 for byte in piece]
    while True:
        best = None
        for i in range(len(tokens) - 1):
            merged = ids.get(pieces[tokens[i]] + pieces[tokens[i + 1]])
            if merged is not None and (best is None or scores[merged] > best[0]):
                best = (scores[merged], i, merged)
        if best is None:
            return tokens
        tokens[best[1] : best[1] + 2] = [best[2]]


here = Path(__file__).parent
texts = [t for t in json.loads((here / "tokenizers.json").read_text())["texts"] if "<|" not in t]
texts += ["Once upon a time, there was a little girl", "The cat saw a big red ball and wanted to play with it.", "aaaaaaaaa"]
golden = [{"text": text, "ids": encode(text)} for text in texts]
(here / "llama2c-tokens.json").write_text(json.dumps(golden, indent=1) + "\n")
