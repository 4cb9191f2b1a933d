"""Peer of judge-overhead: the `rubric` package's PerCriterionGrader over one shared AsyncOpenAI, bounded by a semaphore."""

import asyncio

from rounds import read_settings, serve

settings = read_settings()

from openai import AsyncOpenAI  # noqa: E402  (after the settings, so that a bad line fails fast)
from rubric import PerCriterionOutput, Rubric  # noqa: E402
from rubric.autograders import PerCriterionGrader  # noqa: E402

loop = asyncio.new_event_loop()
client = AsyncOpenAI(base_url=settings["baseUrl"], api_key="none")
criteria = [{"weight": 1.0, "requirement": f"mentions fact {i + 1}"} for i in range(settings["criteria"])]
rubric = Rubric.from_dict(criteria)


async def grade_all() -> None:
    limit = asyncio.Semaphore(settings["concurrency"])

    async def generate(system_prompt: str, user_prompt: str, **_) -> PerCriterionOutput:
        async with limit:
            reply = await client.chat.completions.create(
                model="mock-judge",
                temperature=0,
                messages=[
                    {"role": "system", "content": system_prompt},
                    {"role": "user", "content": user_prompt},
                ],
            )
        return PerCriterionOutput.model_validate_json(reply.choices[0].message.content)

    grader = PerCriterionGrader(generate_fn=generate)
    grades = [
        rubric.grade(settings["response"], autograder=grader, query="Explain X.")
        for _ in range(settings["responses"])
    ]
    await asyncio.gather(*grades)


serve(lambda: loop.run_until_complete(grade_all()), settings["responses"] * settings["criteria"])
