"""Loads a full checkpoint and an adapter with the reference packages (pip: transformers peft torch safetensors).

Usage: load-checkpoint.py FULL_FOLDER ADAPTER_FOLDER TEXT. Prints one JSON object: the text's token ids, and the weights
after merging the adapter.
"""

import json
import sys

from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

full, adapter, text = sys.argv[1:]
tokenizer = AutoTokenizer.from_pretrained(full)
model, report = AutoModelForCausalLM.from_pretrained(full, output_loading_info=True)
ids = tokenizer.encode(text, add_special_tokens=False)
merged = PeftModel.from_pretrained(model, adapter).merge_and_unload()
moments = load_file(f"{adapter}/optimizer.safetensors")
print(
    json.dumps(
        {
            "ids": ids,
            "decoded": tokenizer.decode(ids),
            "eos": tokenizer.eos_token_id,
            "missing": sorted(report["missing_keys"]),
            "unexpected": sorted(report["unexpected_keys"]),
            "merged": {name: tensor.flatten().tolist() for name, tensor in merged.state_dict().items()},
            "moments": {name: tensor.flatten().tolist() for name, tensor in moments.items()},
        }
    )
)
