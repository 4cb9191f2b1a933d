"""The peers' half of the protocol of perf/engine/turns.ts: settings as one JSON line on stdin, {"ready"} when loaded, then for
each line "go" one round and its measurements."""

import json
import sys
import time


def read_settings() -> dict:
    return json.loads(sys.stdin.readline())


def serve(run_round, tokens: int) -> None:
    """Runs `run_round` once per line "go"; `tokens` is what one round processes."""
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        if line.strip() != "go":
            break
        began, processor = time.perf_counter(), time.process_time()
        run_round()
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - processor
        reply = {"seconds": seconds, "cpu_seconds": cpu_seconds, "tokens": tokens, "peak_bytes": peak_resident_bytes()}
        print(json.dumps(reply), flush=True)


def peak_resident_bytes() -> int:
    """`ru_maxrss` would do but for what a forked parent leaves in it."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
