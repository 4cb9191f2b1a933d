"""Peer of engine-train, engine-group and engine-memory: eager PyTorch with transformers' Llama (and peft's LoRA).

One forward + backward per round. Settings: those of `TrainSettings` in perf/engine/train-bench.ts; `checkpointing` turns gradient
checkpointing on. Rows are kept separate, as trainers usually do, and logits are computed for response tokens only.
"""

from rounds import read_settings, serve

settings = read_settings()

import torch  # noqa: E402  (after the settings, so that a bad line fails fast)
from torch.nn.functional import cross_entropy  # noqa: E402
from transformers import LlamaConfig, LlamaForCausalLM  # noqa: E402

torch.set_num_threads(settings["threads"])
torch.manual_seed(0)
config = LlamaConfig(**settings["config"], attn_implementation="sdpa", use_cache=False)
model = LlamaForCausalLM(config)
if settings["lora"]:
    from peft import LoraConfig, get_peft_model

    linear = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    lora = LoraConfig(r=settings["lora"]["rank"], lora_alpha=settings["lora"]["alpha"], target_modules=linear)
    model = get_peft_model(model, lora)
if settings["recompute"]:
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
model.train()

batch, length, prompt = settings["batch"], settings["length"], settings["prompt"]
vocabulary = settings["config"]["vocab_size"]
tokens = torch.randint(0, vocabulary, (batch, length + 1), generator=torch.Generator().manual_seed(1))
for first in range(0, batch, settings["group"]):
    tokens[first : first + settings["group"], :prompt] = tokens[first, :prompt].clone()
inputs = tokens[:, :-1]
kept = length - max(0, prompt - 1)
targets = tokens[:, -kept:]
advantages = torch.tensor([1.0, -1.0]).repeat(batch)[:batch, None]
old_logprobs = torch.full(targets.shape, -torch.tensor(float(vocabulary)).log())
parameters = [p for p in model.parameters() if p.requires_grad]


def step() -> None:
    for p in parameters:
        p.grad = None
    logits = model(inputs, logits_to_keep=kept).logits
    loss = cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none").view_as(targets)
    if settings["loss"] == "ppo":
        ratio = (-loss - old_logprobs).exp()
        loss = -torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.28) * advantages)
    loss.sum().backward()


serve(step, batch * length)
