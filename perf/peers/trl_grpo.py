"""Peer of grpo-speed: TRL's GRPOTrainer on the policy of the sandbox, one optimizer step per round.

Settings: those of `GrpoBenchSettings` in perf/policy/grpo-bench.ts. Everything that costs time and that the other side does not do
is off: gradient checkpointing, half precision on a processor without it, logging, saving, wandb.
"""

import os
import tempfile

from rounds import Turns, read_settings

settings = read_settings()
os.environ["OMP_NUM_THREADS"] = str(settings["threads"])

import torch  # noqa: E402  (after the settings, so that a bad line fails fast)
from datasets import Dataset  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback  # noqa: E402
from trl import GRPOConfig, GRPOTrainer  # noqa: E402

torch.set_num_threads(settings["threads"])
tokenizer = AutoTokenizer.from_pretrained(settings["model"], padding_side="left")
prompts = [" ".join(words) for words in settings["prompts"]]
for text, tokens in zip(prompts, settings["prompts_as_tokens"]):
    assert tokenizer(text)["input_ids"] == tokens, f"{text} is read as {tokenizer(text)['input_ids']}, not {tokens}"
model = AutoModelForCausalLM.from_pretrained(settings["model"], dtype=torch.float32, attn_implementation="sdpa")

group, length = settings["group"], settings["length"]
batch = settings["batch"] * group


def even_words(completions: list[str], **_) -> list[float]:
    """The share of words with an even number of letters, as the other side counts it."""
    rewards = []
    for text in completions:
        words = text.split()
        rewards.append(sum(len(word) % 2 == 0 for word in words) / max(1, len(words)))
    return rewards


config = GRPOConfig(
    output_dir=tempfile.mkdtemp(),
    use_cpu=True,
    bf16=False,
    gradient_checkpointing=False,
    per_device_train_batch_size=batch,
    gradient_accumulation_steps=1,
    num_generations=group,
    num_iterations=1,
    max_completion_length=length,
    # No response ends early, so that both sides do the same work in every step.
    generation_kwargs={"min_new_tokens": length},
    temperature=1.0,
    learning_rate=settings["learningRate"],
    lr_scheduler_type="constant",
    adam_beta2=0.98,
    max_grad_norm=1.0,
    beta=settings["klBeta"],
    epsilon=0.2,
    epsilon_high=0.28,
    loss_type="grpo",
    scale_rewards="group",
    max_steps=10_000,
    logging_strategy="no",
    save_strategy="no",
    report_to="none",
    disable_tqdm=True,
    dataloader_pin_memory=False,
    seed=0,
)


class InTurns(TrainerCallback):
    def __init__(self) -> None:
        self.turns = Turns()

    def on_step_begin(self, args, state, control, **_):
        if not self.turns.begin():
            raise SystemExit

    def on_step_end(self, args, state, control, **_):
        self.turns.end(batch * length)


trainer = GRPOTrainer(
    model=model,
    processing_class=tokenizer,
    reward_funcs=even_words,
    args=config,
    train_dataset=Dataset.from_dict({"prompt": prompts}),
    callbacks=[InTurns()],
)
trainer.train()
