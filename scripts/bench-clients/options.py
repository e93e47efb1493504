"""The options of the measuring clients: what scripts/bench gives to each of them, and what people may set."""

import argparse
import sys

GIVEN = {
    "--warren": "base URL of warren serve",
    "--pid": "process id of warren serve",
    "--trino": "base URL of the Trino that it uses",
    "--java": "the java program",
    "--classpath": "Trino's JDBC driver and the compiled client",
    "--work-dir": "folder for files that are thrown away",
}


def read(description, numbers, own=None):
    """Reads the command line. `numbers` maps the options that people may set to their default values, `own` the options
    that scripts/bench gives to their texts, for a client that needs no server."""
    own = own or GIVEN
    parser = argparse.ArgumentParser(description=description)
    for name, default in numbers.items():
        parser.add_argument(name, type=int, default=default, help=f"default {default}")
    given = parser.add_argument_group("given by scripts/bench")
    for name, text in own.items():
        given.add_argument(name, help=text, type=int if name == "--pid" else str)
    # scripts/bench asks before it builds anything.
    parser.add_argument("--only-check-options", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only_check_options:
        sys.exit(0)
    missing = [name for name in own if getattr(options, name.strip("-").replace("-", "_")) is None]
    if missing:
        parser.error(f"run this through scripts/bench; missing: {', '.join(missing)}")
    return options
