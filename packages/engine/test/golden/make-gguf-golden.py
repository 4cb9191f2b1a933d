"""Golden values for the GGUF reader, from the reference package of llama.cpp (pip: gguf numpy).

Writes gguf-dequantize.json (random blocks of every tensor type with the reference's float32 values) and
gguf-tiny-llama.json (a complete one-layer file, written with llama.cpp's row order, with the original weights).
Bytes and float32 arrays are base64, little-endian.
"""

import base64
import json
import tempfile
from pathlib import Path

import gguf
import numpy as np
from gguf.quants import dequantize

HERE = Path(__file__).parent
rng = np.random.default_rng(20261122)


def b64(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def random_blocks(kind: gguf.GGMLQuantizationType, scales_at: list[int], count: int) -> np.ndarray:
    _, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = rng.integers(0, 256, (count, size), dtype=np.uint8)
    for at in scales_at:  # the scales are half-precision numbers and must be finite
        halves = (rng.normal(size=count) * 0.05).astype(np.float16)
        blocks[:, at : at + 2] = halves.view(np.uint8).reshape(count, 2)
    return blocks


def make_dequantize() -> None:
    kinds = gguf.GGMLQuantizationType
    scales = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0]}
    scales |= {"Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}
    golden = []
    for name, at in scales.items():
        kind = kinds[name]
        blocks = random_blocks(kind, at, 3 if name.endswith("_K") else 6)
        values = dequantize(blocks, kind).astype(np.float32).reshape(-1)
        golden.append({"type": int(kind), "name": name, "blocks": b64(blocks), "values": b64(values)})
    floats = (rng.normal(size=64) * 10.0 ** rng.integers(-9, 4, 64)).astype(np.float32)
    halves = np.concatenate([floats.astype(np.float16), np.array([0, 1, 0x8000, 0x03FF, 0x0400, 0x7BFF], np.uint16).view(np.float16)])
    golden.append({"type": 0, "name": "F32", "blocks": b64(floats), "values": b64(floats)})
    golden.append({"type": 1, "name": "F16", "blocks": b64(halves), "values": b64(halves.astype(np.float32))})
    upper = (floats.view(np.uint32) >> 16).astype(np.uint16)
    values = dequantize(upper.view(np.uint8).reshape(1, -1), kinds.BF16).astype(np.float32).reshape(-1)
    golden.append({"type": 30, "name": "BF16", "blocks": b64(upper), "values": b64(values)})
    (HERE / "gguf-dequantize.json").write_text(json.dumps(golden, indent=1) + "\n")


def permute(weights: np.ndarray, heads: int) -> np.ndarray:
    """LlamaModel.permute of llama.cpp's convert_hf_to_gguf.py."""
    return (
        weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:])
        .swapaxes(1, 2)
        .reshape(weights.shape)
    )


def make_tiny_llama() -> None:
    dim, hidden, heads, kv_heads, vocab = 16, 24, 4, 2, 12
    head_dim = dim // heads
    shapes = {
        "token_embd": ("model.embed_tokens", (vocab, dim)),
        "output_norm": ("model.norm", (dim,)),
        "output": ("lm_head", (vocab, dim)),
        "blk.0.attn_norm": ("model.layers.0.input_layernorm", (dim,)),
        "blk.0.attn_q": ("model.layers.0.self_attn.q_proj", (heads * head_dim, dim)),
        "blk.0.attn_k": ("model.layers.0.self_attn.k_proj", (kv_heads * head_dim, dim)),
        "blk.0.attn_v": ("model.layers.0.self_attn.v_proj", (kv_heads * head_dim, dim)),
        "blk.0.attn_output": ("model.layers.0.self_attn.o_proj", (dim, heads * head_dim)),
        "blk.0.ffn_norm": ("model.layers.0.post_attention_layernorm", (dim,)),
        "blk.0.ffn_gate": ("model.layers.0.mlp.gate_proj", (hidden, dim)),
        "blk.0.ffn_up": ("model.layers.0.mlp.up_proj", (hidden, dim)),
        "blk.0.ffn_down": ("model.layers.0.mlp.down_proj", (dim, hidden)),
    }
    path = Path(tempfile.mkdtemp()) / "tiny.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(64)
    writer.add_embedding_length(dim)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(5000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    tokens = ["<|end|>", "<|user|>", "a", "b", "c", "1", "2", "Ġ", "ab", "Ġa", "abc", "\ufeff"]
    writer.add_token_list(tokens)
    writer.add_token_types([3, 4] + [1] * 10)
    writer.add_token_merges(["a b", "Ġ a", "ab c"])
    writer.add_eos_token_id(0)
    writer.add_chat_template("{% for m in messages %}<|user|>{{ m.content }}{{ eos_token }}{% endfor %}")
    weights = {}
    for name, (hf_name, shape) in shapes.items():
        # Multiples of 1/8 survive half precision and bfloat16 unchanged.
        values = (rng.integers(-15, 16, shape) / 8).astype(np.float32)
        weights[f"{hf_name}.weight"] = {"shape": shape, "values": b64(values)}
        stored = values
        if name.endswith(("attn_q", "attn_k")):
            stored = permute(values, heads if name.endswith("q") else kv_heads)
        if name.endswith("ffn_up"):
            writer.add_tensor(f"{name}.weight", stored.astype(np.float16))
        elif name.endswith("attn_k"):
            upper = (stored.view(np.uint32) >> 16).astype(np.uint16)
            writer.add_tensor(
                f"{name}.weight", upper.view(np.uint8), raw_dtype=gguf.GGMLQuantizationType.BF16
            )
        else:
            writer.add_tensor(f"{name}.weight", stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    file = base64.b64encode(path.read_bytes()).decode()
    (HERE / "gguf-tiny-llama.json").write_text(json.dumps({"file": file, "weights": weights}, indent=1) + "\n")


make_dequantize()
make_tiny_llama()
