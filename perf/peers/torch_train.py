"""Peer of engine-train, engine-group and engine-memory: eager PyTorch with transformers' Llama (and peft's LoRA).

Reads one JSON line of settings, prints {"ready": true}; then for each line "go" runs one forward + backward and prints
{"seconds", "tokens", "peak_bytes"}. Settings: config (Hugging Face Llama config), lora (rank, alpha) or null, batch, length,
loss_from (first position whose target counts), threads.
"""

import json
import resource
import sys
import time

settings = json.loads(sys.stdin.readline())

import torch  # noqa: E402  (imported after the settings so that a bad line fails fast)
from transformers import LlamaConfig, LlamaForCausalLM  # noqa: E402

torch.set_num_threads(settings["threads"])
torch.manual_seed(0)
config = LlamaConfig(**settings["config"], attn_implementation="sdpa", use_cache=False)
model = LlamaForCausalLM(config)
if settings["lora"]:
    from peft import LoraConfig, get_peft_model

    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    model = get_peft_model(
        model, LoraConfig(r=settings["lora"]["rank"], lora_alpha=settings["lora"]["alpha"], target_modules=targets)
    )
model.train()
batch, length, start = settings["batch"], settings["length"], settings["loss_from"]
generator = torch.Generator().manual_seed(1)
tokens = torch.randint(0, settings["config"]["vocab_size"], (batch, length + 1), generator=generator)
if settings.get("group"):  # rows of one group share their prompt
    for first in range(0, batch, settings["group"]):
        tokens[first : first + settings["group"], : settings["prompt"]] = tokens[first, : settings["prompt"]]
inputs, targets = tokens[:, :-1], tokens[:, 1:]
parameters = [p for p in model.parameters() if p.requires_grad]


def step() -> None:
    for p in parameters:
        p.grad = None
    logits = model(inputs).logits[:, start:]
    picked = logits.float().log_softmax(-1).gather(-1, targets[:, start:, None])
    (-picked.sum()).backward()


print(json.dumps({"ready": True, "trainable": sum(p.numel() for p in parameters)}), flush=True)
for line in sys.stdin:
    if line.strip() != "go":
        break
    began = time.perf_counter()
    step()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "tokens": batch * length, "peak_bytes": peak}), flush=True)
