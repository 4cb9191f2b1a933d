"""Peer of engine-sample: transformers' generate (greedy, KV cache) on a Llama of the given shape with random weights.

One batch of continuations per round; tokens counts the new ones. Settings: those of `SampleSettings` in
perf/engine/sample-bench.ts.
"""

from rounds import read_settings, serve

settings = read_settings()

import torch  # noqa: E402  (after the settings, so that a bad line fails fast)
from transformers import LlamaConfig, LlamaForCausalLM  # noqa: E402

torch.set_num_threads(settings["threads"])
torch.manual_seed(0)
model = LlamaForCausalLM(LlamaConfig(**settings["config"], attn_implementation="sdpa")).eval()
model.generation_config.eos_token_id = None  # every row gets all its tokens
batch, length, new = settings["batch"], settings["prompt"], settings["new_tokens"]
shape = (batch, length)
prompts = torch.randint(3, settings["config"]["vocab_size"], shape, generator=torch.Generator().manual_seed(1))
mask = torch.ones_like(prompts)


def generate() -> None:
    with torch.inference_mode():
        out = model.generate(prompts, attention_mask=mask, max_new_tokens=new, do_sample=False, pad_token_id=0)
    assert out.shape == (batch, length + new)


serve(generate, batch * new)
