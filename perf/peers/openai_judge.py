"""Peer of judge-overhead: bare openai-py, one shared AsyncOpenAI, bounded by a semaphore, the verdict read with json."""

import asyncio
import json

from rounds import read_settings, serve

settings = read_settings()

from openai import AsyncOpenAI  # noqa: E402  (after the settings, so that a bad line fails fast)

SYSTEM = 'Reply {"explanation":"","criterion_status":"MET|UNMET"}'
loop = asyncio.new_event_loop()
client = AsyncOpenAI(base_url=settings["baseUrl"], api_key="none")
calls = settings["responses"] * settings["criteria"]


async def judge(criterion: int, limit: asyncio.Semaphore) -> None:
    async with limit:
        reply = await client.chat.completions.create(
            model="mock-judge",
            temperature=0,
            messages=[
                {"role": "system", "content": SYSTEM},
                {
                    "role": "user",
                    "content": f"<criterion>mentions fact {criterion + 1}</criterion><response>{settings['response']}</response>",
                },
            ],
        )
    assert json.loads(reply.choices[0].message.content)["criterion_status"] == "MET"


async def judge_all() -> None:
    limit = asyncio.Semaphore(settings["concurrency"])
    await asyncio.gather(*[judge(i % settings["criteria"], limit) for i in range(calls)])


serve(lambda: loop.run_until_complete(judge_all()), calls)
