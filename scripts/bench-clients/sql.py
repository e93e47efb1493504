"""Benchmark `sql`: reading and rewriting SQL, beside sqlglot's and Trino's parsers, which only parse."""

import os
import re
import subprocess
import sys

import measure
import options

HERE = os.path.dirname(os.path.abspath(__file__))
GIVEN = {
    "--bench": "the example `bench` of crates/sql",
    "--queries": "folder with files like tpch_q01.sql and tpcds_q14a.sql; may be empty",
    "--sqlglot": "folder that sqlglot can be imported from; may be empty",
    "--java": "the java program; may be empty",
    "--classpath": "Trino's parser and the compiled TrinoParse; may be empty",
    "--work-dir": "folder for files that are thrown away",
}
SUITES = {"tpch": "TPC-H", "tpcds": "TPC-DS"}
# What a peer may take for one of the large statements, in seconds.
PATIENCE_S = 180
TABLE = "tpc_svc.tpch.tiny"
BRANCH = f"""SELECT o.orderpriority, c.name, sum(l.extendedprice * (1 - l.discount)) AS revenue
FROM {TABLE}.orders o
JOIN {TABLE}.customer c ON c.custkey = o.custkey
LEFT JOIN {TABLE}.lineitem l ON l.orderkey = o.orderkey AND l.quantity > 10
WHERE o.orderdate >= DATE '1995-03-15' AND c.mktsegment IN ('BUILDING', 'MACHINERY') -- of one quarter
GROUP BY o.orderpriority, c.name
"""


def large_statements():
    """Statements that grow, by name."""
    union = "UNION ALL\n".join([BRANCH] * (4_000_000 // len(BRANCH)))
    whole = [union[: union.rindex("UNION ALL", 0, size)] for size in (1_000_000, 2_000_000, 4_000_000)]
    terms = " OR a = ".join(str(number) for number in range(200_000))
    return {
        "1 MB of joins": whole[0],
        "2 MB of joins": whole[1],
        "4 MB of joins": whole[2],
        "200,000 terms of OR": f"SELECT * FROM {TABLE}.orders WHERE a = {terms}",
        "10,000 nested parentheses": f"SELECT {'(' * 10_000}a{')' * 10_000} FROM {TABLE}.orders",
    }


def write(folder, name, sql):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(sql)


def write_queries(queries, folder):
    """The queries without the placeholders of Trino's own benchmark and without the semicolon, which its parser refuses."""
    for file in sorted(os.listdir(queries)):
        suite = file.split("_")[0]
        if suite not in SUITES:
            continue
        with open(os.path.join(queries, file), encoding="utf-8") as text:
            sql = text.read()
        values = {"database": suite, "schema": "tiny", "prefix": ""}
        # Any other one is a number.
        sql = re.sub(r"\$\{(\w+)\}", lambda placeholder: values.get(placeholder[1], "1"), sql)
        write(os.path.join(folder, suite), file, sql.strip().rstrip(";").rstrip() + "\n")


class Parties:
    """The programs that are measured. Each takes a folder and gives the answers by suite."""

    def __init__(self, arguments):
        self.bench = arguments.bench
        self.peers = {}
        if arguments.sqlglot:
            self.peers["sqlglot"] = [sys.executable, os.path.join(HERE, "sqlglot_parse.py"), arguments.sqlglot]
        if arguments.java:
            self.peers["Trino"] = [arguments.java, "-cp", arguments.classpath, "TrinoParse"]

    def ours(self, folder):
        """The example's lines as {suite: {stage: answer}}, with the number and the bytes of the statements."""
        printed = subprocess.run([self.bench, "measure", folder], stdout=subprocess.PIPE, text=True, check=True).stdout
        suites = {}
        for line in printed.splitlines():
            suite, statements, size, stage, answer = line.split("\t")
            suites.setdefault(suite, {"statements": int(statements), "bytes": int(size)})[stage] = number(answer)
        return suites

    def peer(self, name, folder, patience_s=None):
        """What a peer says about a folder with statements: microseconds a statement, or why there is no number."""
        try:
            command = self.peers[name] + [folder]
            child = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=patience_s)
        except subprocess.TimeoutExpired:
            return f"over {patience_s} s"
        sys.stderr.write(child.stderr)
        return number(child.stdout.strip()) if child.returncode == 0 else f"process ended with {child.returncode}"


def number(answer):
    """The number that the answer is, or the words that stand in its place."""
    try:
        return float(answer)
    except ValueError:
        return answer


def better(old, new):
    """The smaller of two numbers; words stay."""
    return min(old, new) if isinstance(old, float) and isinstance(new, float) else new


def measure_suites(parties, folder, rounds):
    """All parties in turn in each round; of each the fastest round counts, which others disturbed least."""
    ours, peers = {}, {name: {} for name in parties.peers}
    for round_number in range(rounds):
        for suite, answers in parties.ours(folder).items():
            known = ours.setdefault(suite, answers)
            known.update({stage: better(known[stage], answers[stage]) for stage in ("scan", "rewrite", "both")})
        for name, known in peers.items():
            for suite in ours:
                answer = parties.peer(name, os.path.join(folder, suite))
                known[suite] = better(known.get(suite, answer), answer)
        print(f"round {round_number + 1}: {ours} {peers}", file=sys.stderr)
    return ours, peers


def shown(value, divisor=1.0):
    return f"{value / divisor:,.1f}" if isinstance(value, float) else str(value)


def report_suites(ours, peers):
    rows = []
    for suite in filter(ours.get, SUITES):
        answers = ours[suite]
        row = [SUITES[suite], str(answers["statements"]), f"{answers['bytes'] / answers['statements']:,.0f}"]
        row += [shown(answers[stage]) for stage in ("scan", "rewrite", "both")]
        for known in peers.values():
            row.append(shown(known[suite]))
            row.append(shown(known[suite] / answers["rewrite"]) if isinstance(known[suite], float) else "")
        rows.append(row)
    header = ["us a statement", "statements", "bytes", "scan", "scan, resolve, rewrite", "with the second reader"]
    for name in peers:
        header += [f"{name}: parse", f"{name} : ours"]
    measure.print_table(header, rows)


def report_large(ours, peers):
    header = ["ms", "bytes", "scan", "scan, resolve, rewrite"] + [f"{name}: parse" for name in peers]
    rows = []
    for suite, answers in ours.items():
        row = [suite, f"{answers['bytes']:,}", shown(answers["scan"], 1000.0), shown(answers["rewrite"], 1000.0)]
        rows.append(row + [shown(known[suite], 1000.0) for known in peers.values()])
    measure.print_table(header, rows)


def main():
    arguments = options.read(__doc__, {"--rounds": 3}, GIVEN)
    machine = measure.machine()
    parties = Parties(arguments)
    plain, federated, large = (os.path.join(arguments.work_dir, name) for name in ("plain", "federated", "large"))
    print(f"The fastest of {arguments.rounds} rounds, all in turn in each round. {machine}.")
    print()
    if arguments.queries:
        write_queries(arguments.queries, plain)
        subprocess.run([arguments.bench, "federate", plain, federated], check=True)
        report_suites(*measure_suites(parties, federated, arguments.rounds))
        print()
    statements = large_statements()
    for name, sql in statements.items():
        write(os.path.join(large, name), "statement.sql", sql)
    measured = parties.ours(large)
    ours = {name: measured[name] for name in statements}
    peers = {
        name: {suite: parties.peer(name, os.path.join(large, suite), PATIENCE_S) for suite in ours}
        for name in parties.peers
    }
    report_large(ours, peers)


if __name__ == "__main__":
    main()
