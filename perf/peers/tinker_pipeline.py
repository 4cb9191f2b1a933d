"""The official Python SDK doing what perf/tinker/pipeline-client.ts does: tinker_pipeline.py URL MODE STEPS."""

import json
import resource
import sys
import time

import numpy as np
import tinker
from tinker import types

url, mode, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
AHEAD, ROWS = 4, 2
ADAM = types.AdamParams(learning_rate=0.001, eps=1e-8)


def batch(step):
    data = []
    for row in range(ROWS):
        tokens = [3 + ((step * 7 + row * 13 + i * 5) % 40) for i in range(12)]
        weights = np.array([0.0] + [1.0] * 10, dtype=np.float32)
        data.append(
            types.Datum(
                model_input=types.ModelInput.from_ints(tokens[:-1]),
                loss_fn_inputs={
                    "target_tokens": types.TensorData.from_numpy(np.array(tokens[1:], dtype=np.int64)),
                    "weights": types.TensorData.from_numpy(weights),
                },
            )
        )
    return data


def cpu():
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


client = tinker.ServiceClient(base_url=url, api_key="tml-local")
model = client.create_lora_training_client(base_model="nano-policy", rank=8, seed=1)


def submit(step):
    return model.forward_backward(batch(step), "cross_entropy"), model.optim_step(ADAM)


for i in range(10):
    for future in submit(i):
        future.result()
print("begin", flush=True)
cpu_before, began = cpu(), time.perf_counter()
loss, flying = 0.0, []
for i in range(count):
    if mode == "sequential":
        loss = model.forward_backward(batch(i), "cross_entropy").result().metrics["loss:sum"]
        model.optim_step(ADAM).result()
        continue
    flying.append(submit(i))
    if len(flying) > AHEAD:
        gradient, update = flying.pop(0)
        loss = gradient.result().metrics["loss:sum"]
        update.result()
for gradient, update in flying:
    loss = gradient.result().metrics["loss:sum"]
    update.result()
print(json.dumps({"seconds": time.perf_counter() - began, "cpuSeconds": cpu() - cpu_before, "loss": loss}), flush=True)
