"""A peer of the benchmark `sql`: parses the statements of a folder with sqlglot and prints microseconds a statement.

Arguments: the folder that sqlglot is imported from, the folder of the statements."""

import os
import sys
import time

LONG_ENOUGH_S = 2.0


def read(folder):
    statements = []
    for file in sorted(os.listdir(folder)):
        with open(os.path.join(folder, file), encoding="utf-8") as text:
            statements.append(text.read())
    return statements


def main():
    sys.path.insert(0, sys.argv[1])
    import sqlglot

    statements = read(sys.argv[2])
    began, fastest = time.perf_counter(), float("inf")
    # The first pass also loads the dialect, so it counts only where one pass is already long.
    while fastest == float("inf") or time.perf_counter() - began < LONG_ENOUGH_S:
        started = time.perf_counter()
        for sql in statements:
            try:
                sqlglot.parse_one(sql, read="trino")
            except (RecursionError, sqlglot.errors.SqlglotError) as error:
                print(f"{sys.argv[2]}: {error}", file=sys.stderr)
                print(type(error).__name__)
                return
        fastest = min(fastest, time.perf_counter() - started)
    print(fastest * 1e6 / len(statements))


if __name__ == "__main__":
    main()
