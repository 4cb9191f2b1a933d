"""Reference values of PyTorch, transformers and peft for the engine's tests.

Run from this folder: python make-golden.py   (torch, transformers, peft; versions are written into the files)
Weights follow a formula (see `formula`, and golden-weights.ts), so that none need be stored.
"""
import json, math
import peft, torch, transformers
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__}


def formula(count, stream):
    """`count` numbers in [-1, 1) that look random: the fraction of 43758.5453 sin(12.9898 i + 78.233 stream), i from 1."""
    values = [math.sin(12.9898 * (i + 1) + 78.233 * stream) * 43758.5453 for i in range(count)]
    return torch.tensor([2 * (v - math.floor(v)) - 1 for v in values], dtype=torch.float64)


def fill(parameters):
    """Matrices uniform in +-1.7/sqrt(in), embeddings in +-0.5, norms 1 +- 0.1; parameter k uses stream k + 1."""
    with torch.no_grad():
        for k, (name, p) in enumerate(parameters):
            values = formula(p.numel(), k + 1).reshape(p.shape)
            if p.dim() == 1:
                values = 1 + 0.1 * values
            elif "embed_tokens" in name:
                values = 0.5 * values
            else:
                values = values * 1.7 / math.sqrt(p.shape[1])
            p.copy_(values.to(p.dtype))


def numbers(tensor):
    return [float(f"{v:.7g}") for v in tensor.detach().double().flatten().tolist()]


def llama_config(tied, scaling):
    fields = dict(model_type="llama", vocab_size=61, hidden_size=16, num_hidden_layers=2, num_attention_heads=4,
                  num_key_value_heads=2, head_dim=8, intermediate_size=20, max_position_embeddings=64, rms_norm_eps=1e-5,
                  hidden_act="silu", attention_bias=False, mlp_bias=False, tie_word_embeddings=tied, bos_token_id=1,
                  eos_token_id=2)
    fields["rope_parameters"] = {"rope_type": "default", "rope_theta": 10000.0} if not scaling else {
        "rope_type": "llama3", "rope_theta": 500.0, "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32}
    return fields


def sequences(vocabulary):
    """Tokens and per-target weights of three sequences; some weights are zero, some negative."""
    out = []
    for s, length in enumerate([10, 15, 7]):
        tokens = [(7 * i * i + 3 * i + 11 * s) % vocabulary for i in range(length)]
        weights = [0.0 if i < 3 else round(math.sin(1.7 * i + s), 3) for i in range(length - 1)]
        out.append((tokens, weights))
    return out


def target_logprobs(model, tokens):
    ids = torch.tensor([tokens])
    logits = model(input_ids=ids[:, :-1]).logits[0]
    return logits.log_softmax(-1).gather(1, ids[0, 1:, None])[:, 0]


def cross_entropy_of(model, data):
    logprobs = [target_logprobs(model, tokens) for tokens, _ in data]
    loss = sum(-(torch.tensor(w) * p).sum() for p, (_, w) in zip(logprobs, data))
    loss.backward()
    return logprobs, loss


def base_model(fields):
    model = LlamaForCausalLM(LlamaConfig(**fields)).eval()
    model.set_attn_implementation("eager")
    names = [n for n, _ in model.named_parameters()]
    fill(model.named_parameters())
    return model, names


def llama(tied, scaling):
    fields = llama_config(tied, scaling)
    model, _ = base_model(fields)
    data = sequences(fields["vocab_size"])
    logprobs, loss = cross_entropy_of(model, data)
    return {"config": fields, "data": [{"tokens": t, "weights": w} for t, w in data], "loss": loss.item(),
            "logprobs": [numbers(p) for p in logprobs],
            "gradients": {n: numbers(p.grad) for n, p in model.named_parameters()}}


def lora(tied):
    fields = llama_config(tied, False)
    model, _ = base_model(fields)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head"]
    adapted = get_peft_model(model, LoraConfig(r=3, lora_alpha=6, target_modules=targets, lora_dropout=0.0))
    trained = [(n, p) for n, p in adapted.named_parameters() if p.requires_grad]
    fill([(n, p) for n, p in trained])
    data = sequences(fields["vocab_size"])
    logprobs, loss = cross_entropy_of(adapted, data)
    plain = lambda n: n.replace(".default", "")
    return {"config": fields, "rank": 3, "alpha": 6, "loss": loss.item(),
            "data": [{"tokens": t, "weights": w} for t, w in data], "logprobs": [numbers(p) for p in logprobs],
            "order": [plain(n) for n, _ in trained], "gradients": {plain(n): numbers(p.grad) for n, p in trained}}


def losses():
    """Every loss of the protocol as a PyTorch expression, with its gradient over the logprobs."""
    n = 24
    q = -1.5 + formula(n, 90)
    ref = -1.5 + formula(n, 91)
    p0 = q + 0.6 * formula(n, 92)
    adv = formula(n, 93)
    adv[::5] = 0
    klw = 0.5 * (formula(n, 94) + 1)
    clip = lambda r, lo, hi: r.clamp(lo, hi)

    def policy(name, p, lo, hi):
        r = (p - q).exp()
        if name == "importance_sampling":
            return -(r * adv)
        if name == "ppo":
            return -torch.minimum(r * adv, clip(r, lo, hi) * adv)
        return -(clip(r, lo, hi).detach() * p * adv)

    def kl(name, p):
        d = p - ref
        return {"k1": d, "k2": d * d / 2, "k3": (-d).exp() - 1 + d}[name]

    cases = []
    for name, lo, hi in [("importance_sampling", None, None), ("ppo", None, None), ("ppo", 0.9, 1.5), ("cispo", None, None),
                         ("cispo", 0.0, 1.3)]:
        for estimator in [None, "k1", "k2", "k3"]:
            config = {} if lo is None else {"clip_low_threshold": lo, "clip_high_threshold": hi}
            p = p0.clone().requires_grad_(True)
            value = policy(name, p, 0.8 if lo is None else lo, 1.2 if hi is None else hi)
            if estimator:
                config |= {"kl_beta": 0.3, "kl_estimator": estimator}
                value = value + 0.3 * klw * kl(estimator, p)
            value.sum().backward()
            cases.append({"name": name, "config": config, "values": numbers(value), "gradient": numbers(p.grad)})
    p = p0.clone().requires_grad_(True)
    value = -(adv * p)
    value.sum().backward()
    cases.append({"name": "cross_entropy", "config": {}, "values": numbers(value), "gradient": numbers(p.grad)})
    return {"p": numbers(p0), "logprobs": numbers(q), "reference_logprobs": numbers(ref), "advantages": numbers(adv),
            "kl_weights": numbers(klw), "cases": cases}


def adamw():
    """Five steps of torch.optim.AdamW on two parameters, with and without decay and clipping."""
    runs = []
    for settings in [dict(learning_rate=0.01), dict(learning_rate=0.05, weight_decay=0.1, grad_clip_norm=0.7, beta1=0.8,
                                                    beta2=0.99, eps=1e-8)]:
        params = [formula(12, 1).reshape(3, 4).float().requires_grad_(True), formula(5, 2).float().requires_grad_(True)]
        optimizer = torch.optim.AdamW(params, lr=settings["learning_rate"],
                                      betas=(settings.get("beta1", 0.9), settings.get("beta2", 0.95)),
                                      eps=settings.get("eps", 1e-12), weight_decay=settings.get("weight_decay", 0.0))
        steps = []
        for step in range(5):
            for k, p in enumerate(params):
                p.grad = (formula(p.numel(), 10 + 2 * step + k) * (step + 1) * 0.3).reshape(p.shape).float()
            norm = torch.nn.utils.clip_grad_norm_(params, settings.get("grad_clip_norm", 0) or math.inf)
            optimizer.step()
            steps.append({"norm": norm.item(), "values": [x for p in params for x in numbers(p)]})
        state = [optimizer.state[p] for p in params]
        runs.append({"settings": settings, "steps": steps, "first_moment": [x for s in state for x in numbers(s["exp_avg"])],
                     "second_moment": [x for s in state for x in numbers(s["exp_avg_sq"])]})
    return runs


def write(name, value):
    with open(name, "w") as file:
        json.dump({"versions": VERSIONS, **value}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    write("llama.json", {"tied": llama(True, False), "untied": llama(False, True)})
    write("lora.json", {"tied": lora(True), "untied": lora(False)})
    write("losses.json", losses())
    write("adamw.json", {"runs": adamw()})
