"""Reference scores and gradients of scalar models (pip: torch, transformers, peft): python make-scalar-golden.py

Writes scalar.json: LlamaForSequenceClassification with one label, all weights and with a peft adapter whose `score` is saved
whole, on sequences that share a beginning, and the gradient of sum(weight * score) for every trained parameter.
"""

import base64
import importlib
import json
import tempfile
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, TaskType, get_peft_model
from transformers import LlamaConfig, LlamaForSequenceClassification

golden = importlib.import_module("make-golden")
WEIGHTS = [0.5, -0.75, 0.25, 1.0]
SEQUENCES = [[(3 * i + 1) % 61 for i in range(12)] + tail for tail in ([5, 9, 2], [7, 7, 4, 40, 1, 0])]
SEQUENCES += [[(5 * i * i + 2) % 61 for i in range(n)] for n in (21, 1)]


def body(tied, scaling):
    config = LlamaConfig(**golden.llama_config(tied, scaling), num_labels=1)
    model = LlamaForSequenceClassification(config).eval()
    model.set_attn_implementation("eager")
    golden.fill(model.named_parameters())
    return model


def case(model, fields, trained):
    model = model.double()
    # One sequence at a time: no padding, so the last token is the last token.
    scores = torch.cat([model(input_ids=torch.tensor([tokens])).logits[0] for tokens in SEQUENCES])
    (scores * torch.tensor(WEIGHTS, dtype=torch.float64)).sum().backward()
    return {
        "config": fields,
        "scores": golden.numbers(scores),
        "parameters": [{"name": plain(n), "gradient": golden.numbers(p.grad)} for n, p in trained],
    }


def plain(name):
    return name.replace(".modules_to_save.default", "").replace(".default", "")


def full(tied, scaling):
    model = body(tied, scaling)
    return case(model, golden.llama_config(tied, scaling), list(model.named_parameters()))


def adapter(tied):
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    settings = LoraConfig(r=3, lora_alpha=6, target_modules=targets, task_type=TaskType.SEQ_CLS, modules_to_save=["score"])
    model = get_peft_model(body(tied, False), settings).eval()
    trained = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    golden.fill(trained)
    folder = Path(tempfile.mkdtemp())
    model.save_pretrained(folder)
    files = {
        name: base64.b64encode((folder / name).read_bytes()).decode()
        for name in ["adapter_config.json", "adapter_model.safetensors"]
    }
    return {**case(model, golden.llama_config(tied, False), trained), "files": files}


value = {
    "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__},
    "sequences": SEQUENCES,
    "weights": WEIGHTS,
    "full": full(False, True),
    "adapter": adapter(True),
}
(Path(__file__).parent / "scalar.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")
