"""The peers' half of the protocol of perf/engine/turns.ts: settings as one JSON line on stdin, {"ready"} when loaded, then for
each line "go" one round and its measurements."""

import json
import sys
import time


def read_settings() -> dict:
    return json.loads(sys.stdin.readline())


class Turns:
    """Rounds of a program that has a loop of its own: `begin` waits for the turn, `end` reports it."""

    def __init__(self) -> None:
        print(json.dumps({"ready": True}), flush=True)

    def begin(self) -> bool:
        """False where there is no further turn."""
        if sys.stdin.readline().strip() != "go":
            return False
        self.began, self.processor = time.perf_counter(), time.process_time()
        return True

    def end(self, tokens: int) -> None:
        seconds, cpu_seconds = time.perf_counter() - self.began, time.process_time() - self.processor
        reply = {"seconds": seconds, "cpu_seconds": cpu_seconds, "tokens": tokens, "peak_bytes": peak_resident_bytes()}
        print(json.dumps(reply), flush=True)


def serve(run_round, tokens: int) -> None:
    """Runs `run_round` once per line "go"; `tokens` is what one round processes."""
    turns = Turns()
    while turns.begin():
        run_round()
        turns.end(tokens)


def peak_resident_bytes() -> int:
    """`ru_maxrss` would do but for what a forked parent leaves in it."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
