"""DPO losses with their gradients by PyTorch's autograd, for train/dpo-loss.test.ts.

The formulas are those of trl 1.16 (`sigmoid`, `sigmoid_norm`, `ipo`), with cDPO's label smoothing on the first two and
LLaMA-Factory's supervised term: the mean over each chosen response's tokens, then over the pairs.
Run: python dpo-loss.py > dpo-loss.json (needs torch)
"""

import json

import torch
import torch.nn.functional as F

torch.manual_seed(20261126)
PROMPT = 3  # positions before the first one that predicts a response token


def response(tokens):
    logprobs = (-3 * torch.rand(PROMPT + tokens)).float().double()
    reference = (-3 * torch.rand(tokens)).double().sum()
    return {"tokens": tokens, "logprobs": logprobs.requires_grad_(), "reference": reference}


def loss_of(pairs, loss, beta, smoothing, sft_weight):
    total = 0
    for chosen, rejected in pairs:
        scores = []
        for side in (chosen, rejected):
            score = side["logprobs"][PROMPT:].sum() - side["reference"]
            scores.append(score if loss == "sigmoid" else score / side["tokens"])
        delta = scores[0] - scores[1]
        if loss == "ipo":
            value = (delta - 1 / (2 * beta)) ** 2
        else:
            value = -F.logsigmoid(beta * delta) * (1 - smoothing) - F.logsigmoid(-beta * delta) * smoothing
        total = total + value + sft_weight * -chosen["logprobs"][PROMPT:].mean()
    return total / len(pairs)


cases = []
for loss, beta, smoothing, sft_weight in [
    ("sigmoid", 0.1, 0, 0),
    ("sigmoid", 0.3, 0.1, 0.2),
    ("sigmoid-norm", 2.5, 0.05, 0.2),
    ("ipo", 0.4, 0, 0.1),
]:
    pairs = [(response(a), response(b)) for a, b in [(4, 6), (1, 3), (5, 2)]]
    value = loss_of(pairs, loss, beta, smoothing, sft_weight)
    value.backward()
    cases.append(
        {
            "settings": {"loss": loss, "beta": beta, "labelSmoothing": smoothing, "sftWeight": sft_weight},
            "loss": value.item(),
            "pairs": [
                [
                    {
                        "tokens": side["tokens"],
                        "reference": side["reference"].item(),
                        "logprobs": side["logprobs"].tolist(),
                        "gradient": side["logprobs"].grad.tolist(),
                    }
                    for side in pair
                ]
                for pair in pairs
            ],
        }
    )

print(json.dumps({"offset": PROMPT, "cases": cases}, indent=1))
