"""Runs tinker-cookbook's two minimal loops, unchanged, on a few rows made up here, and prints their metrics as JSON.

Usage: python cookbook_loops.py sl|rl MODEL_FOLDER BASE_URL LOG_FOLDER, with the key in TINKER_API_KEY. What would come from the
Hugging Face Hub (data sets, the list of known models) is given here; everything else is the cookbook's own.
"""

import json
import os
import sys

import datasets
from tinker_cookbook import model_info

NO_ROBOTS = [
    {
        "messages": [
            {"role": "user", "content": f"Say {word}."},
            {"role": "assistant", "content": f"{word}!"},
        ]
    }
    for word in ["one", "two", "three", "four"] * 2
]
GSM8K = [{"question": f"What is {i} plus 1?", "answer": f"#### {i + 1}"} for i in range(4)]


def load_dataset(name, *_):
    rows = NO_ROBOTS if "no_robots" in name else GSM8K
    return datasets.DatasetDict({"train": datasets.Dataset.from_list(rows)})


def metrics_of(folder):
    with open(os.path.join(folder, "metrics.jsonl")) as file:
        return [json.loads(line) for line in file]


def main():
    kind, model, url, folder = sys.argv[1:]
    datasets.load_dataset = load_dataset
    model_info.get_recommended_renderer_name = lambda _name: "role_colon"
    common = {
        "base_url": url,
        "log_path": folder,
        "model_name": model,
        "batch_size": 2,
        "lora_rank": 4,
        "max_steps": 3,
        "save_every": 2,
    }
    if kind == "sl":
        from tinker_cookbook.recipes import sl_loop

        sl_loop.main(sl_loop.Config(**common, learning_rate=1e-2, max_length=256))
    else:
        from tinker_cookbook.recipes import rl_loop

        # A model of random weights solves nothing: whether its answer is short stands in for whether it is right.
        rl_loop.get_reward = lambda response, _answer: float(len(response) % 2)
        # Newer versions let the loss be chosen, and choose one that is the hosted service's alone.
        has_choice = "loss_fn" in rl_loop.Config.__annotations__
        loss = {"loss_fn": "importance_sampling"} if has_choice else {}
        rl_loop.main(rl_loop.Config(**common, **loss, group_size=4, learning_rate=1e-3, max_tokens=12))
    with open(os.path.join(folder, "checkpoints.jsonl")) as file:
        checkpoints = [json.loads(line) for line in file]
    print()
    print(json.dumps({"metrics": metrics_of(folder), "checkpoints": checkpoints}))


main()
