"""Golden values of SmolLM2-135M-Instruct (pip: transformers torch gguf): python make-smollm2-golden.py MODEL.gguf

Writes smollm2.json: token ids of odd texts, a rendered conversation, and a few values of each kind of tensor, as
transformers reads them from the same GGUF file. transformers ignores `tokenizer.ggml.pre` and so forgets that SmolLM2
takes every digit by itself (it makes one token of the spaces before a number, or not, differently from the model's own
tokenizer.json); the split is put in here.
"""

import json
import sys
from pathlib import Path

from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

HERE = Path(__file__).parent
path = Path(sys.argv[1])
tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
as_transformers_cuts = tokenizer.backend_tokenizer.pre_tokenizer
tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
    [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
)
texts = json.loads((HERE / "tokenizers.json").read_text())["texts"] + [
    "Write a note to the boss about the broken lamp. Mention the key. At most 12 words.",
    "<|im_start|>user\nWhich answer is better?<|im_end|>\n<|im_start|>assistant\n",
    "[Hard Rule] 1. The answer names a price.\n[Principle] 2. It is kind.\n\nWinner: B",
    '{"criteria_met": true, "weight": -0.25}',
    "https://example.org/a?b=c&d=%20e#f",
]
conversation = [
    {"role": "system", "content": "You judge notes."},
    {"role": "user", "content": "Is  this\none short?  "},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "Ünd 🙂 this?"},
]
model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name)
weights = {}
for name, tensor in model.state_dict().items():
    if name == "lm_head.weight" or (name.startswith("model.layers.") and not name.startswith(("model.layers.0.", "model.layers.29."))):
        continue
    flat = tensor.double().flatten()
    at = [0, 1, len(flat) // 7, len(flat) // 3 + 5, len(flat) - 1]
    weights[name] = {
        "shape": list(tensor.shape),
        "at": at,
        "values": [flat[i].item() for i in at],
        "absoluteMean": flat.abs().mean().item(),
    }
golden = {
    "tokens": [{"text": text, "ids": tokenizer.encode(text, add_special_tokens=False)} for text in texts],
    "conversation": conversation,
    "rendered": tokenizer.apply_chat_template(conversation, tokenize=False, add_generation_prompt=True),
    "weights": weights,
}
(HERE / "smollm2.json").write_text(json.dumps(golden, indent=1) + "\n")

tokenizer.backend_tokenizer.pre_tokenizer = as_transformers_cuts
differing = [t["text"] for t in golden["tokens"] if tokenizer.encode(t["text"], add_special_tokens=False) != t["ids"]]
print(f"without the digit split {len(differing)} of {len(texts)} texts differ: {differing}")
