"""A scheduler in a page: works Warren's model queue off with plain HTTP. `carry_out` is what to replace.

usage: WARREN_SERVER=http://127.0.0.1:8080 WARREN_API_TOKEN=... python3 scheduler.py [--once]
"""

import json
import os
import sys
import urllib.request

SERVER = os.environ.get("WARREN_SERVER", "http://127.0.0.1:8080")
TOKEN = os.environ.get("WARREN_API_TOKEN")


def post(path, body):
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {TOKEN}"} if TOKEN else {})}
    request = urllib.request.Request(f"{SERVER}/api/v1/model-queue/{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def carry_out(command):
    print(command["command"], command["from_fqn"] or "", "->", command["model_name_fqn"], flush=True)


def main():
    while True:
        claimed = post("claim", {"limit": 10, "lease_ms": 60_000, "wait_ms": 10_000})["items"]
        for command in claimed:
            shown = {"lease_token": command["lease_token"]}
            try:
                carry_out(command)
            except Exception as error:  # whatever it was, the command must not be lost
                post(f"{command['id']}/nack", {**shown, "retry_after_ms": 30_000, "reason": repr(error)})
            else:
                post(f"{command['id']}/ack", shown)
        if not claimed and "--once" in sys.argv:
            return


if __name__ == "__main__":
    main()
