"""A scheduler in a page: works Warren's model queue off with plain HTTP, and tells OpenMetadata.

usage: WARREN_SERVER=… WARREN_API_TOKEN=… OPENMETADATA_URL=https://…/api OPENMETADATA_TOKEN=… python3 scheduler.py [--once]

Doing a command twice does no harm, so a command whose end Warren did not hear of may come again.
"""

import json, os, re, sys, time
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

WARREN = os.environ.get("WARREN_SERVER", "http://127.0.0.1:8080") + "/api/v1/model-queue", os.environ.get("WARREN_API_TOKEN")
CATALOGUE = os.environ.get("OPENMETADATA_URL", "") + "/v1", os.environ.get("OPENMETADATA_TOKEN")
PIPELINES, LEASE_MS = "services/ingestionPipelines", 600_000


def call(server, method, path, body=None):
    (base, token), data = server, None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    with urlopen(Request(f"{base}/{path}", data, headers, method=method), timeout=60) as answer:
        return json.loads(answer.read() or "null")


def found(*paths):
    """What the first of these paths of OpenMetadata leads to."""
    for path in paths:
        try:
            return call(CATALOGUE, "GET", path)
        except HTTPError as error:
            if error.code != 404:
                raise
    return None


def ingest(command):
    service = re.match(r'"(?:[^"]|"")*"|[^.]*', command["model_name_fqn"])[0]
    listed = call(CATALOGUE, "GET", f"{PIPELINES}?service={quote(service)}&pipelineType=metadata")["data"]
    ready = [own for own in listed if own.get("enabled", True) and own.get("deployed")]
    if not ready:
        raise LookupError(f"no metadata pipeline of {service} is both enabled and deployed")
    begin, name = int(time.time() * 1000) - 1000, quote(ready[0]["fullyQualifiedName"], safe="")
    started = call(CATALOGUE, "POST", f"{PIPELINES}/trigger/{ready[0]['id']}")
    if started.get("code", 200) != 200:
        raise RuntimeError(f"the pipeline was not started: {started.get('reason')}")
    state = "queued"
    while state in ("queued", "running"):
        time.sleep(0.1 if "--once" in sys.argv else 5)
        say(command, "renew", lease_ms=LEASE_MS)
        runs = call(CATALOGUE, "GET", f"{PIPELINES}/{name}/pipelineStatus?startTs={begin}&endTs={begin + 86_400_000}")["data"]
        state = runs[-1]["pipelineState"] if runs else "queued"
    if state not in ("success", "partialSuccess"):
        raise RuntimeError(f"the pipeline ended as {state}")


def entity(fqn):
    """A table, or else a file: how lineage refers to it, and what OpenMetadata calls its columns."""
    name = quote(fqn, safe="")
    own = found(f"tables/name/{name}?fields=columns", f"containers/name/{name}?fields=dataModel")
    if own is None:
        raise LookupError(f"OpenMetadata does not know {fqn}")
    kind, columns = ("table", own["columns"]) if "columns" in own else ("container", (own.get("dataModel") or {}).get("columns", []))
    return {"id": own["id"], "type": kind}, {column["name"].lower(): column["fullyQualifiedName"] for column in columns}


def draw(command):
    (source, of_source), (target, of_target) = entity(command["from_fqn"]), entity(command["model_name_fqn"])
    lines = []
    for edge in command["payload"]["columns"]:
        names = [of_source[own["column"].lower()] for own in edge["from"] if own["column"].lower() in of_source]
        if names and edge["column"].lower() in of_target:
            lines.append({"fromColumns": names, "toColumn": of_target[edge["column"].lower()]})
    # What others say of the edge stays: their columns, their pipeline, their description.
    there = (found(f"lineage/getLineageEdge/{source['id']}/{target['id']}") or {}).get("edge", {})
    own = {line["toColumn"] for line in lines}
    lines = [line for line in there.get("columnsLineage") or [] if line["toColumn"] not in own] + lines
    kept = {field: there[field] for field in ("pipeline", "description") if there.get(field)}
    details = {**kept, "source": "QueryLineage", "sqlQuery": command["payload"]["query"], "columnsLineage": lines}
    call(CATALOGUE, "PUT", "lineage", {"edge": {"fromEntity": source, "toEntity": target, "lineageDetails": details}})


def say(command, word, **body):
    call(WARREN, "POST", f"{command['id']}/{word}", {"lease_token": command["lease_token"], **body})


def carry_out(command):
    print(command["command"], command["from_fqn"] or "", "->", command["model_name_fqn"], flush=True)
    try:
        if os.environ.get("OPENMETADATA_URL"):
            draw(command) if command["command"] == "LINEAGE" else ingest(command)
    except Exception as error:  # whatever it was, the command must not be lost
        # An outage is no fault of the command: it does not count as a try. Otherwise the waits grow with the tries.
        outage = error.code in (401, 429) or error.code >= 500 if isinstance(error, HTTPError) else isinstance(error, OSError)
        say(command, "nack", hand_back=outage, reason=repr(error))
    else:
        say(command, "ack")


while True:
    try:
        # One at a time, so that no lease runs out while another command is carried out.
        ask = {"limit": 1, "lease_ms": LEASE_MS, "wait_ms": 2_000, "commands": ["INGESTION", "LINEAGE"]}
        claimed = call(WARREN, "POST", "claim", ask)["items"]
        for command in claimed:
            carry_out(command)
    except Exception as error:  # Warren restarts, or another consumer has the command by now: 409
        if "--once" in sys.argv and getattr(error, "code", None) != 409:
            raise
        print("warren:", repr(error), file=sys.stderr, flush=True)
        claimed = ["perhaps"]
        time.sleep(5)
    if not claimed and "--once" in sys.argv:
        break
