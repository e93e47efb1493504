"""Benchmark `overhead`: a small query through Warren and straight to the same Trino, one after the other."""

import statistics
import time

import measure
import options
from trino_statement import TrinoClient
from warren_jobs import WarrenClient

BY_FQN = "select * from tpch_demo.tpch.tiny.nation limit 5"
PHYSICAL = "select * from tpch.tiny.nation limit 5"
EXPECTED_ROWS = 5
IDLE_S = 5


def timed(action):
    started = time.perf_counter()
    rows = action()
    elapsed = time.perf_counter() - started
    if len(rows) != EXPECTED_ROWS:
        raise RuntimeError(f"{len(rows)} rows instead of {EXPECTED_ROWS}")
    return elapsed * 1000


def percentiles(times_ms):
    cuts = statistics.quantiles(times_ms, n=100, method="inclusive")
    return cuts[49], cuts[89], cuts[98]


def main():
    arguments = options.read(__doc__, {"--pairs": 200, "--warm-ups": 20})
    machine = measure.machine()
    time.sleep(IDLE_S)
    idle = measure.memory_bytes(arguments.pid, "VmRSS")
    warren, trino = WarrenClient(arguments.warren), TrinoClient(arguments.trino)
    for _ in range(arguments.warm_ups):
        timed(lambda: trino.rows(PHYSICAL))
        timed(lambda: warren.first_rows(BY_FQN))
    cpu = measure.cpu_seconds(arguments.pid)
    direct, gateway = [], []
    for _ in range(arguments.pairs):
        direct.append(timed(lambda: trino.rows(PHYSICAL)))
        gateway.append(timed(lambda: warren.first_rows(BY_FQN)))
    cpu = (measure.cpu_seconds(arguments.pid) - cpu) / arguments.pairs
    report(arguments, machine, percentiles(direct), percentiles(gateway))
    print()
    measure.print_table(
        ["`warren serve`", "value"],
        [
            [f"memory (VmRSS), idle, {IDLE_S} s after start", f"{idle / measure.MIB:.1f} MiB"],
            ["memory (VmRSS), after this run", f"{measure.memory_bytes(arguments.pid, 'VmRSS') / measure.MIB:.1f} MiB"],
            ["CPU for one job", f"{cpu * 1000:.1f} ms"],
        ],
    )


def report(arguments, machine, direct, gateway):
    print(f"`{BY_FQN}` (`POST /api/v1/jobs` with `wait_ms`) and `{PHYSICAL}` (`POST /v1/statement`),")
    print(f"{arguments.pairs} pairs in turn after {arguments.warm_ups} to warm up. {machine}.")
    print()
    measure.print_table(
        ["path", "p50 ms", "p90 ms", "p99 ms"],
        [
            ["straight to Trino"] + [f"{value:.1f}" for value in direct],
            ["through Warren"] + [f"{value:.1f}" for value in gateway],
            ["**ratio**"] + [f"**{ours / theirs:.2f}**" for ours, theirs in zip(gateway, direct)],
        ],
    )


if __name__ == "__main__":
    main()
