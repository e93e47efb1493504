"""Benchmark `results`: what a large result costs Warren, beside a raw drain of Trino's pages and JDBC -> CSV."""

import os
import statistics
import sys
import urllib.parse

import measure
import options
from warren_jobs import WarrenClient

HERE = os.path.dirname(os.path.abspath(__file__))
STORE = "Warren, to the stored result (server)"
DOWNLOAD = "Warren, stored result to CSV download (server)"
DRAIN = "raw drain of the pages (client)"
JDBC = "JDBC -> CSV (client)"


class Run:
    """The parties of the benchmark. Each method is one run of one of them and returns its cost."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.warren = WarrenClient(arguments.warren)
        self.by_fqn = f"select * from tpch_demo.tpch.sf1.lineitem limit {arguments.rows}"
        self.physical = f"select * from tpch.sf1.lineitem limit {arguments.rows}"
        self.job = None

    def store(self):
        self.job, cost = measure.server_cost(self.arguments.pid, lambda: self.warren.run(self.by_fqn))
        self.check_rows(self.job["result"]["rows"])
        return cost

    def download(self):
        _, cost = measure.server_cost(self.arguments.pid, lambda: self.warren.download_bytes(self.job, "csv"))
        self.warren.delete(self.job)
        return cost

    def drain(self):
        script = os.path.join(HERE, "raw_drain.py")
        _, cost = measure.child_cost([sys.executable, script, self.arguments.trino, self.physical])
        return cost

    def jdbc(self):
        csv = os.path.join(self.arguments.work_dir, "jdbc.csv")
        trino = urllib.parse.urlsplit(self.arguments.trino).netloc
        command = [self.arguments.java, "-cp", self.arguments.classpath, "JdbcToCsv", trino, self.physical, csv]
        printed, cost = measure.child_cost(command)
        self.check_rows(int(printed))
        os.remove(csv)
        return cost

    def check_rows(self, rows):
        if rows != self.arguments.rows:
            raise RuntimeError(f"{rows} rows instead of {self.arguments.rows}")


def main():
    arguments = options.read(__doc__, {"--rows": 1_000_000, "--rounds": 3})
    machine = measure.machine()
    run = Run(arguments)
    parties = {STORE: run.store, DOWNLOAD: run.download, DRAIN: run.drain, JDBC: run.jdbc}
    costs = {name: [] for name in parties}
    idle = measure.memory_bytes(arguments.pid, "VmRSS")
    for number in range(arguments.rounds):
        for name, party in parties.items():
            cost = party()
            print(f"round {number + 1}: {name}: {cost}", file=sys.stderr)
            costs[name].append(cost)
    report(arguments, machine, costs)
    growth = max(cost.peak_bytes for cost in costs[STORE]) - idle
    print()
    print(f"The server grew from {idle / measure.MIB:.1f} MiB at the start by {growth / measure.MIB:.1f} MiB at its peak")
    print("while it stored a result.")


def report(arguments, machine, costs):
    print(f"`select * from tpch.sf1.lineitem limit {arguments.rows}`, the median of {arguments.rounds} rounds, all in turn in")
    print(f"each round. {machine}.")
    print()
    cpu = {name: statistics.median(cost.cpu_s for cost in runs) for name, runs in costs.items()}
    rows = []
    for name, runs in costs.items():
        wall = statistics.median(cost.wall_s for cost in runs)
        peak = max(cost.peak_bytes for cost in runs) / measure.MIB
        rows.append([name, f"{cpu[name]:.2f}", f"{wall:.1f}", f"{peak:.0f}", f"{cpu[name] / cpu[JDBC]:.3f}"])
    measure.print_table(["what", "CPU s", "wall s", "peak memory MiB", "CPU : JDBC"], rows)


if __name__ == "__main__":
    main()
