"""Scores of saved scalar models by the reference packages (pip: transformers peft torch).

Usage: load-scalar.py FULL_FOLDER ADAPTER_FOLDER TOKENS_AS_JSON. Prints one JSON object: what the full model and the adapter
on the full model's body score.
"""

import json
import sys

import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

full, adapter, tokens = sys.argv[1:]
ids = torch.tensor([json.loads(tokens)])
model, report = AutoModelForSequenceClassification.from_pretrained(full, output_loading_info=True)
printed = {
    "labels": model.config.num_labels,
    "missing": sorted(report["missing_keys"]),
    "unexpected": sorted(report["unexpected_keys"]),
    "full": model.eval()(input_ids=ids).logits.item(),
}
adapted = PeftModel.from_pretrained(model, adapter).eval()
printed["adapter"] = adapted(input_ids=ids).logits.item()
print(json.dumps(printed))
