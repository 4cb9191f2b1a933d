"""A file written by the reference package (pip: safetensors torch), as base64, with its values, in safetensors.json."""

import base64
import json
from pathlib import Path

import torch
from safetensors.torch import save

tensors = {
    "whole": torch.tensor([[1.5, -2.25], [3e-20, 7.0]]),
    "half": torch.tensor([0.1, -65504.0, 6e-8], dtype=torch.float16),
    "brain": torch.tensor([0.1, -3e38], dtype=torch.bfloat16),
    "ids": torch.tensor([1, 2]),
}
golden = {
    "file": base64.b64encode(save(tensors, {"made by": "python"})).decode(),
    "values": {k: v.float().flatten().tolist() for k, v in tensors.items() if v.is_floating_point()},
}
Path(__file__).with_name("safetensors.json").write_text(json.dumps(golden, indent=1) + "\n")
