"""Losses of policies and reward models with their gradients through all parameters of a tiny Llama, for policy-losses.ts.

Run: python policy-losses.py > policy-losses.json (needs trl 1.16, torch, transformers). Where trl has the loss, its own
trainer's method computes it (`RewardTrainer.compute_loss`, `DPOTrainer._compute_loss`, `GRPOTrainer._compute_loss`) on what a
trainer would hold; else PyTorch's autograd differentiates the formula ("by": "torch"). Weights follow the formula of
packages/engine/test/golden/make-golden.py; all is computed in float64. Gradients are base64 of little-endian float32.
"""

import base64
import importlib.util
import json
import math
from collections import Counter, defaultdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn.functional as F
import transformers
import trl
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification
from trl import DPOTrainer, GRPOTrainer, RewardTrainer
from trl.trainer.utils import add_fused_lm_head

here = Path(__file__).parent
spec = importlib.util.spec_from_file_location("g", here / "../../../engine/test/golden/make-golden.py")
golden = importlib.util.module_from_spec(spec)
spec.loader.exec_module(golden)

VOCABULARY = 23
FIELDS = dict(model_type="llama", vocab_size=VOCABULARY, hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
              num_key_value_heads=1, head_dim=4, intermediate_size=12, max_position_embeddings=64, rms_norm_eps=1e-5,
              hidden_act="silu", attention_bias=False, mlp_bias=False, tie_word_embeddings=True, bos_token_id=1,
              eos_token_id=2, rope_parameters={"rope_type": "default", "rope_theta": 10000.0})
PAD = 0


def fill(parameters, first):
    """The formula of make-golden.py with other streams: parameter k uses stream first + k + 1."""
    with torch.no_grad():
        for k, (name, p) in enumerate(parameters):
            values = golden.formula(p.numel(), first + k + 1).reshape(p.shape)
            if p.dim() == 1:
                values = 1 + 0.1 * values
            elif "embed_tokens" in name:
                values = 0.5 * values
            else:
                values = values * 1.7 / math.sqrt(p.shape[1])
            p.copy_(values.to(p.dtype))


def language_model(first):
    model = LlamaForCausalLM(LlamaConfig(**FIELDS)).eval()
    model.set_attn_implementation("eager")
    fill(model.named_parameters(), first)
    return model.double()


def scalar_model():
    model = LlamaForSequenceClassification(LlamaConfig(**FIELDS, num_labels=1, pad_token_id=PAD)).eval()
    model.set_attn_implementation("eager")
    fill(model.named_parameters(), 0)
    return model.double()


def tokens(count, stream):
    """Token ids 3 and up, so that none pads."""
    return [3 + int((v + 1) / 2 * (VOCABULARY - 3)) for v in golden.formula(count, stream).tolist()]


def float32(values):
    return base64.b64encode(np.asarray(values, dtype="<f4").tobytes()).decode()


def gradients(model):
    found = {n: float32((torch.zeros_like(p) if p.grad is None else p.grad).flatten().numpy()) for n, p in model.named_parameters()}
    model.zero_grad()
    return found


class Accelerator:
    device = torch.device("cpu")
    num_processes = 1
    sync_gradients = is_main_process = True
    gather = gather_for_metrics = staticmethod(lambda x: x)
    unwrap_model = staticmethod(lambda model, **_: model)
    reduce = staticmethod(lambda x, reduction="sum": x)

    @staticmethod
    def autocast():
        import contextlib

        return contextlib.nullcontext()


def trainer(**settings):
    """What the methods of a trainer read of it."""
    return SimpleNamespace(accelerator=Accelerator(), _metrics=defaultdict(lambda: defaultdict(list)), _total_train_tokens=0,
                           _tp_size=1, aux_loss_enabled=False, is_fsdp_enabled=False, **settings)


def padded(rows):
    length = max(map(len, rows))
    ids = torch.tensor([row + [PAD] * (length - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
    return ids, mask


# Preference pairs: prompt, chosen, rejected.
PAIRS = [(tokens(n, 60 + 3 * i), tokens(c, 61 + 3 * i), tokens(r, 62 + 3 * i))
         for i, (n, c, r) in enumerate([(9, 4, 6), (10, 4, 3), (5, 4, 8)])]


def bradley_terry():
    model = scalar_model()
    margins = [0.3, 0.0, 1.2]
    rows = [p + c for p, c, _ in PAIRS] + [p + r for p, _, r in PAIRS]
    ids, mask = padded(rows)

    def by_trl(margin, centring):
        inputs = {"input_ids": ids, "attention_mask": mask}
        if margin is not None:
            inputs["margin"] = torch.tensor(margin, dtype=torch.float64)
        stub = trainer(model=model, args=SimpleNamespace(center_rewards_coefficient=centring or None))
        return RewardTrainer.compute_loss(stub, model, inputs)

    def bound(kind, chosen, rejected, scale, offset, shift):
        at = next((i for i, (a, b) in enumerate(zip(chosen, rejected)) if a != b), min(len(chosen), len(rejected)))
        a, b = chosen[at:], rejected[at:]
        if kind == "length-ratio":
            alike = min(len(a), len(b)) / max(len(a), len(b))
        else:
            ca, cb = Counter(a), Counter(b)
            dot = sum(n * cb[t] for t, n in ca.items())
            cosine = dot / math.sqrt(sum(n * n for n in ca.values()) * sum(n * n for n in cb.values()))
            alike = (math.pi - math.acos(cosine)) / math.pi
        return scale / (alike + offset) + shift

    def by_torch(prior):
        scores = model(input_ids=ids, attention_mask=mask).logits[:, 0]
        chosen, rejected = scores.chunk(2)
        bounds = torch.tensor([bound(prior["similarity"], p + c, p + r, prior["scale"], prior["offset"], prior["shift"])
                               for p, c, r in PAIRS], dtype=torch.float64)
        d = chosen - rejected
        return (-F.logsigmoid(d) - F.logsigmoid(bounds - d)).mean()

    cases = []
    for margin, centring in [(None, 0), (margins, 0), (None, 0.01), (margins, 0.05)]:
        loss = by_trl(margin, centring)
        loss.backward()
        cases.append({"by": "trl", "margins": margin, "centring": centring, "prior": None, "loss": loss.item(),
                      "gradients": gradients(model)})
    for prior in [{"similarity": "length-ratio", "scale": 2.0, "offset": 0.001, "shift": -1.0},
                  {"similarity": "cosine", "scale": 1.0, "offset": 0.001, "shift": 0.0}]:
        loss = by_torch(prior)
        loss.backward()
        cases.append({"by": "torch", "margins": None, "centring": 0, "prior": prior, "loss": loss.item(),
                      "gradients": gradients(model)})
    return cases


def sums(model, pairs):
    """Summed and per-token logprobs of chosen and rejected responses."""
    out = []
    for p, c, r in pairs:
        sides = []
        for response in (c, r):
            ids = torch.tensor([p + response])
            logprobs = model(input_ids=ids[:, :-1]).logits[0].log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]
            sides.append(logprobs[len(p) - 1 :])
        out.append(sides)
    return out


def dpo():
    model, reference = language_model(0), language_model(100)
    fused, fused_reference = language_model(0), language_model(100)
    add_fused_lm_head(fused, outputs=("log_probs", "entropy", "mean_logits", "is_top1"))
    add_fused_lm_head(fused_reference)
    ids, attention = padded([p + c for p, c, _ in PAIRS] + [p + r for p, _, r in PAIRS])
    completion = attention.clone()
    for i, (p, _, _) in enumerate(PAIRS + PAIRS):
        completion[i, : len(p)] = 0

    def by_trl(name, beta, sft):
        types = [name] + (["sft"] if sft else [])
        stub = trainer(model=fused, ref_model=fused_reference, ld_alpha=None, precompute_ref_logps=False,
                       args=SimpleNamespace(gradient_checkpointing_kwargs=None), f_divergence_type="reverse_kl",
                       loss_types=types, loss_weights=[1.0, sft][: len(types)], beta=beta, label_smoothing=0.0,
                       use_weighting=False)
        inputs = {"input_ids": ids, "attention_mask": attention, "completion_mask": completion}
        return DPOTrainer._compute_loss(stub, fused, inputs, False), fused

    def by_torch(name, beta, smoothing, sft):
        total = 0
        with torch.no_grad():
            frozen = sums(reference, PAIRS)
        for (c, r), (fc, fr) in zip(sums(model, PAIRS), frozen):
            scores = [x.sum() - f.sum() for x, f in ((c, fc), (r, fr))]
            if name != "sigmoid":
                scores = [s / len(x) for s, x in zip(scores, (c, r))]
            d = scores[0] - scores[1]
            if name == "ipo":
                value = (d - 1 / (2 * beta)) ** 2
            else:
                value = -F.logsigmoid(beta * d) * (1 - smoothing) - F.logsigmoid(-beta * d) * smoothing
            total = total + value - sft * c.mean()
        return total / len(PAIRS), model

    cases = []
    for name, beta, smoothing, sft in [("sigmoid", 0.1, 0, 0), ("sigmoid", 0.5, 0, 0), ("sigmoid", 0.1, 0, 0.2),
                                       ("sigmoid_norm", 2.5, 0, 0), ("ipo", 0.4, 0, 0), ("sigmoid", 0.3, 0.1, 0),
                                       ("sigmoid", 0.3, 0.1, 0.2)]:
        loss, computed = by_trl(name, beta, sft) if smoothing == 0 else by_torch(name, beta, smoothing, sft)
        loss.backward()
        cases.append({"by": "torch" if smoothing else "trl", "loss": loss.item(), "gradients": gradients(computed),
                      "settings": {"loss": name.replace("_", "-"), "beta": beta, "labelSmoothing": smoothing, "sftWeight": sft}})
    return cases


# Groups of completions with rewards; the last group's are all equal. Prompts of one length, for padding on the left leaves
# rows of attention empty, which is NaN in float64.
GROUPS = [(tokens(7, 80), [(tokens(n, 81 + i), r) for i, (n, r) in enumerate([(5, 1.0), (3, 0.0), (6, 0.25)])]),
          (tokens(7, 90), [(tokens(n, 91 + i), r) for i, (n, r) in enumerate([(4, 0.0), (6, 1.0)])]),
          (tokens(7, 100), [(tokens(n, 97 + i), r) for i, (n, r) in enumerate([(3, 0.5), (2, 0.5)])])]
MOST = 8


def sampled_logprobs(model):
    """What a sampler of older weights would have said: the policy's own logprobs, moved so that many ratios leave the bounds."""
    rows = []
    with torch.no_grad():
        for g, (prompt, completions) in enumerate(GROUPS):
            for i, (completion, _) in enumerate(completions):
                own = sums(model, [(prompt, completion, completion)])[0][0]
                rows.append((own + 0.6 * golden.formula(len(completion), 120 + 10 * g + i)).float())
    return rows


def grpo():
    model, reference = language_model(0), language_model(100)
    fused = language_model(0)
    add_fused_lm_head(fused, outputs=("log_probs", "entropy"))
    old = sampled_logprobs(model)
    flat = [(p, c) for p, completions in GROUPS for c, _ in completions]
    width, left = max(len(c) for _, c in flat), max(len(p) for p, _ in flat)
    prompt_ids = torch.tensor([[PAD] * (left - len(p)) + p for p, _ in flat])
    prompt_mask = torch.tensor([[0] * (left - len(p)) + [1] * len(p) for p, _ in flat])
    ids, mask = padded([c for _, c in flat])
    right = lambda rows: torch.stack([F.pad(row.double(), (0, width - len(row))) for row in rows])
    with torch.no_grad():
        frozen = [sums(reference, [(p, c, c)])[0][0] for p, c in flat]

    def advantages(std):
        out = []
        for _, completions in GROUPS:
            rewards = np.array([r for _, r in completions])
            out += list((rewards - rewards.mean()) / ((rewards.std() + 1e-4) if std == "group" else 1))
        return torch.tensor(out, dtype=torch.float64)

    def by_trl(kind, low, high, beta, std):
        stub = trainer(model=fused, top_entropy_quantile=1.0, off_policy_mask_threshold=None, importance_sampling_level="token",
                       beta=beta, loss_type={"sequence-mean": "grpo", "token-mean": "bnpo", "dr-grpo": "dr_grpo"}[kind],
                       epsilon_low=low, epsilon_high=high, use_vllm=False, _entropy_bonus_enabled=False,
                       max_completion_length=MOST, current_gradient_accumulation_steps=1,
                       args=SimpleNamespace(report_to=[], delta=None, use_bias_correction_kl=False, steps_per_generation=1))
        stub._get_per_token_logps_and_entropies = lambda *a, **k: GRPOTrainer._get_per_token_logps_and_entropies(stub, *a, **k)
        inputs = {"prompt_ids": prompt_ids, "prompt_mask": prompt_mask, "completion_ids": ids, "completion_mask": mask,
                  "advantages": advantages(std), "old_per_token_logps": right(old), "ref_per_token_logps": right(frozen)}
        return GRPOTrainer._compute_loss(stub, fused, inputs), fused

    def by_torch(kind, low, high, beta, estimator, std):
        total, count = 0, sum(len(c) for _, c in flat)
        for i, ((p, c), adv) in enumerate(zip(flat, advantages(std))):
            logprobs = sums(model, [(p, c, c)])[0][0]
            ratio = (logprobs - old[i].double()).exp()
            value = -torch.minimum(ratio * adv, ratio.clamp(1 - low, 1 + high) * adv)
            d = logprobs - frozen[i]
            value = value + beta * {"k1": d, "k2": d * d / 2, "k3": (-d).exp() - 1 + d}[estimator]
            divisor = {"sequence-mean": len(flat) * len(c), "token-mean": count, "dr-grpo": len(flat) * MOST}[kind]
            total = total + value.sum() / divisor
        return total, model

    cases = []
    for kind in ["sequence-mean", "token-mean", "dr-grpo"]:
        for low, high, beta, estimator, std in [(0.2, 0.2, 0.0, "k3", "group"), (0.2, 0.28, 0.0, "k3", "none"),
                                                (0.2, 0.28, 0.05, "k3", "group"), (0.2, 0.28, 0.05, "k1", "group"),
                                                (0.2, 0.28, 0.05, "k2", "group")]:
            trls = estimator == "k3"
            loss, computed = by_trl(kind, low, high, beta, std) if trls else by_torch(kind, low, high, beta, estimator, std)
            loss.backward()
            cases.append({"by": "trl" if trls else "torch", "loss": loss.item(), "gradients": gradients(computed),
                          "settings": {"lossNormalization": kind, "clipLow": low, "clipHigh": high, "klBeta": beta,
                                       "klEstimator": estimator, "advantageStd": std}})
    return cases, [row.tolist() for row in old]


grpo_cases, old_logprobs = grpo()
order = {"language": [n for n, _ in language_model(0).named_parameters()], "scalar": [n for n, _ in scalar_model().named_parameters()]}
print(json.dumps({
    "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "trl": trl.__version__},
    "config": FIELDS,
    "order": order,
    "referenceStream": 100,
    "pairs": [{"prompt": p, "chosen": c, "rejected": r} for p, c, r in PAIRS],
    "groups": [{"prompt": p, "completions": [{"tokens": c, "reward": r} for c, r in completions]} for p, completions in GROUPS],
    "sampledLogprobs": old_logprobs,
    "longest": MOST,
    "bradleyTerry": bradley_terry(),
    "dpo": dpo(),
    "grpo": grpo_cases,
}, separators=(",", ":")))
