"""An adapter saved by the reference package (pip: peft transformers torch), as base64, with its matrices, in peft-adapter.json."""

import base64
import json
import tempfile
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=10, hidden_size=8, intermediate_size=12, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=1
)
lora = LoraConfig(r=3, lora_alpha=6, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM")
model = get_peft_model(LlamaForCausalLM(config), lora)
for name, parameter in model.named_parameters():
    if "lora_" in name:
        torch.nn.init.normal_(parameter)
folder = Path(tempfile.mkdtemp())
model.save_pretrained(folder)
golden = {
    "files": {
        name: base64.b64encode((folder / name).read_bytes()).decode()
        for name in ["adapter_config.json", "adapter_model.safetensors"]
    },
    "parameters": {
        name.replace(".default", ""): {"shape": list(p.shape), "values": p.flatten().tolist()}
        for name, p in model.named_parameters()
        if "lora_" in name
    },
}
Path(__file__).with_name("peft-adapter.json").write_text(json.dumps(golden, indent=1) + "\n")
