"""Trains and samples through the official `tinker` SDK as a plan says, and prints what came back as one JSON object.

Usage: python python_sdk.py PLAN.json BASE_URL, with the key in TINKER_API_KEY.
"""

import json
import sys
import warnings

import tinker
from tinker import types


# Newer SDKs return futures where older ones return clients, and warn of code that works with both.
warnings.simplefilter("ignore", FutureWarning)


def datum(row):
    return types.Datum(
        model_input=types.ModelInput.from_ints(row["tokens"][:-1]),
        loss_fn_inputs={
            "target_tokens": types.TensorData(
                data=row["tokens"][1:], dtype="int64", shape=[len(row["tokens"]) - 1]
            ),
            "weights": types.TensorData(
                data=row["weights"], dtype="float32", shape=[len(row["weights"])]
            ),
        },
    )


def rows(result):
    return [list(map(float, output["logprobs"].tolist())) for output in result.loss_fn_outputs]


def step(client, plan, data):
    forward_backward = client.forward_backward(data, "cross_entropy")
    optim = client.optim_step(types.AdamParams(**plan["adam"]))
    result = forward_backward.result()
    optim.result()
    return float(result.metrics["loss:sum"]), rows(result)


def sampled(client, plan):
    response = client.sample(
        prompt=types.ModelInput.from_ints(plan["prompt"]),
        num_samples=plan["samples"],
        sampling_params=types.SamplingParams(max_tokens=plan["maxTokens"], seed=plan["seed"], temperature=1.0),
    ).result()
    return [
        {"tokens": list(map(int, s.tokens)), "logprobs": list(map(float, s.logprobs)), "stop": s.stop_reason}
        for s in response.sequences
    ]


def main():
    plan = json.load(open(sys.argv[1]))
    service = tinker.ServiceClient(base_url=sys.argv[2])
    capabilities = service.get_server_capabilities()
    training = service.create_lora_training_client(
        base_model=plan["baseModel"], rank=plan["rank"], seed=plan["loraSeed"]
    )
    data = [datum(row) for row in plan["rows"]]
    losses, last = [], None
    for _ in range(plan["steps"]):
        loss, last = step(training, plan, data)
        losses.append(loss)
    forward = rows(training.forward(data, "cross_entropy").result())
    state = training.save_state("state").result().path
    weights = training.save_weights_for_sampler("sampler").result().path
    sampler = service.create_sampling_client(model_path=weights)
    samples = sampled(sampler, plan)
    scored = sampler.compute_logprobs(types.ModelInput.from_ints(plan["scored"])).result()
    moment = training.save_weights_and_get_sampling_client()
    samples_of_moment = sampled(moment, plan)
    resumed = service.create_training_client_from_state_with_optimizer(state)
    after_resume = step(resumed, plan, data)
    after = step(training, plan, data)
    rest = service.create_rest_client()
    listed = rest.list_checkpoints(training.model_id).result()
    # Newer SDKs have no archives any more.
    get_archive = getattr(rest, "get_checkpoint_archive_url_from_tinker_path", None)
    archive = get_archive(weights).result().url if get_archive else None
    error = None
    try:
        training.forward_backward(data, "no_such_loss").result()
    except Exception as failure:  # the SDK raises its own classes and pydantic's
        error = f"{type(failure).__name__}: {failure}"
    print(
        json.dumps(
            {
                "sdk": tinker.__version__,
                "models": [model.model_name for model in capabilities.supported_models],
                "losses": losses,
                "lastLogprobs": last,
                "forward": forward,
                "samples": samples,
                "samplesOfMoment": samples_of_moment,
                "scored": [None if value is None else float(value) for value in scored],
                "resumed": after_resume[0],
                "unbroken": after[0],
                "checkpoints": sorted(checkpoint.checkpoint_id for checkpoint in listed.checkpoints),
                "archive": archive,
                "error": error,
            }
        )
    )


main()
