"""Bytes that the official Python SDK's generated protobuf messages write, for proto.test.ts.

    python -m venv VENV && VENV/bin/pip install tinker==0.38.0
    VENV/bin/python packages/tinker/test/golden/make-sdk-golden.py > packages/tinker/test/golden/sdk-proto.json
"""

import base64
import importlib.metadata
import json
import struct
import sys

from tinker.proto import tinker_public_pb2 as pb


def f32(*values):
    return struct.pack(f"<{len(values)}f", *values)


def i32(*values):
    return struct.pack(f"<{len(values)}i", *values)


def i64(*values):
    return struct.pack(f"<{len(values)}q", *values)


def plain_request():
    m = pb.ForwardBackwardRequest(model_id="abc:train:0", seq_id=300, loss_fn="ppo", forward_only=True)
    m.loss_fn_config["clip_low_threshold"] = 0.9
    m.loss_fn_config_v2["clip_low_threshold"].number = 0.9
    m.loss_fn_config_v2["kl_estimator"].text = "k3"
    d = m.data.add()
    d.model_input.add().encoded_text.tokens = i32(1, 2, 70000)
    d.model_input.add().encoded_text.tokens = i32(4)
    t = d.loss_fn_inputs["target_tokens"]
    t.dense, t.dtype = i64(2, 70000, 4, 5), pb.DTYPE_INT64
    t.shape.extend([4])
    t = d.loss_fn_inputs["advantages"]
    t.dense, t.dtype = f32(0.5, -1.25, 0.0, 3.0), pb.DTYPE_FLOAT32
    t.shape.extend([4])
    return m


def request():
    m = plain_request()
    m.data[0].model_input_spans.add().prompt_tokens.length = 4
    return m


def sparse_request():
    m = pb.ForwardBackwardRequest(model_id="m", seq_id=1, loss_fn="cross_entropy")
    d = m.data.add()
    d.model_input.add().encoded_text.tokens = i32(7, 8)
    t = d.loss_fn_inputs["weights"]
    t.dtype = pb.DTYPE_FLOAT32
    t.shape.extend([2, 300])
    t.sparse_csr.values = f32(0.25, -2.0, 1.0)
    t.sparse_csr.crow_indices = i64(0, 1, 3)
    t.sparse_csr.col_indices = i64(299, 0, 150)
    return m


def output():
    m = pb.ForwardBackwardOutput(loss_fn_output_type="tinker.losses:ArrayRecord")
    m.metrics["loss:sum"] = 12.5
    m.metrics["e_frac:mean"] = -0.0625
    r = m.loss_fn_outputs.add(type_tag="ArrayRecord", num_datums=2)
    b = r.fields["logprobs"]
    b.data, b.offsets, b.dtype = f32(-0.5, -1.5, -2.5), i64(0, 8, 12), pb.DTYPE_FLOAT32
    b = r.fields["half"]
    b.data, b.offsets, b.dtype = struct.pack("<4H", 0x3F80, 0xC020, 0x4049, 0x0000), i64(0, 4, 8), pb.DTYPE_BFLOAT16
    b.trailing_shape.extend([2])
    r = m.loss_fn_outputs.add(type_tag="ArrayRecord", num_datums=1)
    b = r.fields["logprobs"]
    b.data, b.offsets, b.dtype = f32(-9.0), i64(0, 4), pb.DTYPE_FLOAT32
    b = r.fields["half"]
    b.data, b.offsets, b.dtype = i32(-3), i64(0, 4), pb.DTYPE_INT32
    return m


def sample():
    m = pb.SampleResponse(prompt_logprobs=f32(float("nan"), -0.75), prompt_cache_hit_tokens=128)
    m.sequences.add(stop_reason=pb.STOP_REASON_LENGTH, tokens=i32(5, 6), logprobs=f32(-0.125, -3.0))
    m.sequences.add(stop_reason=pb.STOP_REASON_STOP, tokens=i32(9))
    m.topk_prompt_logprobs.k = 1
    return m


# Maps have no fixed order on the wire; deterministic output sorts their keys.
makers = (plain_request, request, sparse_request, output, sample)
messages = {make.__name__: make().SerializeToString(deterministic=True) for make in makers}
json.dump(
    {"sdk": importlib.metadata.version("tinker")} | {name: base64.b64encode(data).decode() for name, data in messages.items()},
    sys.stdout,
    indent=2,
)
print()
