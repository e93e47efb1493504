"""A scheduler in a page: works Warren's model queue off with plain HTTP, and tells OpenMetadata.

usage: WARREN_SERVER=… WARREN_API_TOKEN=… OPENMETADATA_URL=https://…/api OPENMETADATA_TOKEN=… python3 scheduler.py [--once]
"""

import json, os, sys, time
from urllib.parse import quote
from urllib.request import Request, urlopen

WARREN = os.environ.get("WARREN_SERVER", "http://127.0.0.1:8080") + "/api/v1/model-queue", os.environ.get("WARREN_API_TOKEN")
CATALOGUE = os.environ.get("OPENMETADATA_URL", "") + "/v1", os.environ.get("OPENMETADATA_TOKEN")


def call(server, method, path, body=None):
    (base, token), data = server, None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    with urlopen(Request(f"{base}/{path}", data, headers, method=method)) as answer:
        return json.loads(answer.read() or "null")


def ingest(service):
    path = "services/ingestionPipelines"
    pipeline = call(CATALOGUE, "GET", f"{path}?service={quote(service)}&pipelineType=metadata")["data"][0]
    begin = int(time.time() * 1000) - 1000
    call(CATALOGUE, "POST", f"{path}/trigger/{pipeline['id']}")
    name, state = quote(pipeline["fullyQualifiedName"], safe=""), "queued"
    while state in ("queued", "running"):
        runs = call(CATALOGUE, "GET", f"{path}/{name}/pipelineStatus?startTs={begin}&endTs={begin + 86_400_000}")["data"]
        state = runs[-1]["pipelineState"] if runs else "queued"
        time.sleep(0.1)
    assert state in ("success", "partialSuccess"), state


def draw(source, target, columns):
    ends = [{"id": call(CATALOGUE, "GET", f"tables/name/{quote(fqn, safe='')}")["id"], "type": "table"} for fqn in (source, target)]
    lines = [{"fromColumns": [f"{source}.{own['column']}" for own in edge["from"]], "toColumn": f"{target}.{edge['column']}"} for edge in columns]
    edge = {"fromEntity": ends[0], "toEntity": ends[1], "lineageDetails": {"source": "QueryLineage", "columnsLineage": lines}}
    call(CATALOGUE, "PUT", "lineage", {"edge": edge})


def carry_out(command):
    source, target = command["from_fqn"], command["model_name_fqn"]
    print(command["command"], source or "", "->", target, flush=True)
    if not os.environ.get("OPENMETADATA_URL"):
        return
    draw(source, target, command["payload"]["columns"]) if source else ingest(target.split(".")[0])


while True:
    claimed = call(WARREN, "POST", "claim", {"limit": 10, "lease_ms": 600_000, "wait_ms": 2_000, "commands": ["INGESTION", "LINEAGE"]})["items"]
    for command in claimed:
        shown = {"lease_token": command["lease_token"]}
        try:
            carry_out(command)
        except Exception as error:  # whatever it was, the command must not be lost
            call(WARREN, "POST", f"{command['id']}/nack", {**shown, "retry_after_ms": 30_000, "reason": repr(error)})
        else:
            call(WARREN, "POST", f"{command['id']}/ack", shown)
    if not claimed and "--once" in sys.argv:
        break
