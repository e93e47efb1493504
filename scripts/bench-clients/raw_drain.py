"""A peer of the benchmark `results`: reads all pages of a query's result from Trino and decodes none of them."""

import sys

from trino_statement import TrinoClient

if __name__ == "__main__":
    print(TrinoClient(sys.argv[1]).drain(sys.argv[2]))
