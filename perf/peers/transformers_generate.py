"""Peer of engine-sample: transformers' generate (greedy, KV cache) on a Llama of the given shape with random weights.

Reads one JSON line of settings, prints {"ready": true}; then for each line "go" generates once and prints
{"seconds", "tokens", "peak_bytes"}; tokens counts the new ones. Settings: config, batch, prompt, new_tokens, threads.
"""

import json
import resource
import sys
import time

settings = json.loads(sys.stdin.readline())

import torch  # noqa: E402
from transformers import LlamaConfig, LlamaForCausalLM  # noqa: E402

torch.set_num_threads(settings["threads"])
torch.manual_seed(0)
model = LlamaForCausalLM(LlamaConfig(**settings["config"], attn_implementation="sdpa")).eval()
generator = torch.Generator().manual_seed(1)
shape = (settings["batch"], settings["prompt"])
prompts = torch.randint(3, settings["config"]["vocab_size"], shape, generator=generator)
mask = torch.ones_like(prompts)
new = settings["new_tokens"]


def generate() -> None:
    with torch.inference_mode():
        out = model.generate(
            prompts, attention_mask=mask, max_new_tokens=new, min_new_tokens=new, do_sample=False, pad_token_id=0
        )
    assert out.shape[1] == settings["prompt"] + new


print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    if line.strip() != "go":
        break
    began = time.perf_counter()
    generate()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "tokens": settings["batch"] * new, "peak_bytes": peak}), flush=True)
