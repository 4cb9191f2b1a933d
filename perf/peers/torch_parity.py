"""Peer of engine-parity: logits, target logprobs and gradients of the model (and adapter) in a folder that our engine wrote.

Usage: torch_parity.py FOLDER. Reads FOLDER/model, FOLDER/adapter (if there) and FOLDER/rows.json: rows of one length with
"tokens" and, for each token but the first, "weights". The loss is the sum of -weight * logprob. Writes FOLDER/peer.safetensors.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import LlamaForCausalLM

folder = Path(sys.argv[1])
model = LlamaForCausalLM.from_pretrained(folder / "model", dtype=torch.float32, attn_implementation="sdpa")
if (folder / "adapter").exists():
    from peft import PeftModel

    model = PeftModel.from_pretrained(model, folder / "adapter", is_trainable=True)
rows = json.loads((folder / "rows.json").read_text())
tokens = torch.tensor([row["tokens"] for row in rows])
weights = torch.tensor([row["weights"] for row in rows])

logits = model(tokens[:, :-1], use_cache=False).logits
logprobs = logits.log_softmax(-1).gather(-1, tokens[:, 1:, None])[..., 0]
(-(weights * logprobs).sum()).backward()

results = {"logits": logits.detach(), "logprobs": logprobs.detach()}
for name, parameter in model.named_parameters():
    if parameter.grad is not None:
        results["gradient." + name.replace(".default.", ".")] = parameter.grad
save_file({name: tensor.contiguous() for name, tensor in results.items()}, folder / "peer.safetensors")
