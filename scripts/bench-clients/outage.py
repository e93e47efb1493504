"""Benchmark `outage`: OpenMetadata goes away under load and comes back. Names that are known keep working, and every command
of the model queue is delivered once it is back."""

import json
import socket
import threading
import time
import urllib.parse

import measure
import options
from http_json import Connection
from warren_jobs import WarrenClient, finished

GIVEN = {
    "--warren": "base URL of warren serve",
    "--catalogue": "base URL of OpenMetadata's stand-in",
    "--relay": "address that warren serve knows it by, host:port",
}
ADMIN = {"Authorization": "Bearer stand-in-admin-token", "Content-Type": "application/json"}
SOURCE = "trino_prod.tpch.tiny.nation"
QUEUE = "/api/v1/model-queue"
DRAIN_S = 900


class Relay:
    """The way to OpenMetadata, which can be cut."""

    def __init__(self, relay, catalogue):
        host, port = relay.split(":")
        self.own, self.other = (host, int(port)), urllib.parse.urlsplit(catalogue)
        self.pairs, self.lock, self.listener = [], threading.Lock(), None

    def open(self):
        self.listener = socket.create_server(self.own)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def cut(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            for end in self.pairs:
                close(end)
            self.pairs.clear()

    def _accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection((self.other.hostname, self.other.port))
            except OSError:
                return
            with self.lock:
                self.pairs += [near, far]
            for ends in ((near, far), (far, near)):
                threading.Thread(target=pump, args=ends, daemon=True).start()


def close(end):
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()


def pump(source, target):
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except OSError:
        pass
    close(source)
    close(target)


class Load(threading.Thread):
    """Does something again and again until told to stop, and remembers what failed."""

    def __init__(self, warren, pause_s, action):
        super().__init__(daemon=True)
        self.client, self.pause_s, self.action = WarrenClient(warren), pause_s, action
        self.done, self.failed, self.slowest_s, self.stopping = 0, [], 0.0, threading.Event()

    def run(self):
        while not self.stopping.wait(self.pause_s):
            started = time.monotonic()
            try:
                self.action(self.client, self.done)
                self.done += 1
            except Exception as error:  # whatever it is, it is counted
                self.failed.append(str(error)[:300])
            self.slowest_s = max(self.slowest_s, time.monotonic() - started)

    def end(self):
        self.stopping.set()
        self.join()


def read(client, _number):
    if client.first_rows(f"select count(*) from {SOURCE}") != [["25"]]:
        raise RuntimeError("the rows are wrong")


def write(client, number):
    finished(client.submit(f"create table {target(number)} as select name, regionkey from {SOURCE}", 60000))


def target(number):
    return f"trino_prod.memory.default.outage_{RUN}_{number}"


def ask(connection, method, path, body=None):
    status, answer = connection.request(method, path, None if body is None else json.dumps(body).encode())
    if status >= 300:
        raise RuntimeError(f"{method} {path} answered {status}: {answer[:300]}")
    return json.loads(answer or b"null")


def seed(catalogue):
    put = lambda path, body: ask(catalogue, "PUT", f"/api/v1/{path}", body)
    put("services/databaseServices", {"name": "trino_prod", "serviceType": "Trino"})
    for database, schema in (("tpch", "tiny"), ("memory", "default")):
        put("databases", {"name": database, "service": "trino_prod"})
        put("databaseSchemas", {"name": schema, "database": f"trino_prod.{database}"})
    columns = [{"name": "nationkey", "dataType": "BIGINT"}, {"name": "regionkey", "dataType": "BIGINT"}]
    columns.append({"name": "name", "dataType": "VARCHAR", "dataLength": 25})
    put("tables", {"name": "nation", "databaseSchema": "trino_prod.tpch.tiny", "columns": columns})


def commands(warren):
    """Every command by its state."""
    found, cursor = [], ""
    while cursor is not None:
        page = ask(warren, "GET", f"{QUEUE}?limit=500{cursor and '&cursor=' + urllib.parse.quote(cursor)}")
        found += page["items"]
        cursor = page["next_cursor"]
    return found


def drained(warren):
    started = time.monotonic()
    while time.monotonic() - started < DRAIN_S:
        if all(command["state"] in ("DONE", "DEAD") for command in commands(warren)):
            return time.monotonic() - started
        time.sleep(1)
    raise RuntimeError("the queue is not worked off")


def edges(catalogue, count):
    """How many targets have exactly the one edge with both columns."""
    whole = 0
    for number in range(count):
        name = urllib.parse.quote(target(number), safe="")
        graph = ask(catalogue, "GET", f"/api/v1/lineage/table/name/{name}?upstreamDepth=1&downstreamDepth=0")
        lines = [line for edge in graph["upstreamEdges"] for line in edge["lineageDetails"].get("columnsLineage", [])]
        whole += len(graph["upstreamEdges"]) == 1 and len(lines) == 2
    return whole


def main():
    arguments = options.read(__doc__, {"--seconds": 600}, GIVEN)
    warren = Connection(arguments.warren, {"Content-Type": "application/json"})
    catalogue = Connection(arguments.catalogue, ADMIN)
    seed(catalogue)
    relay = Relay(arguments.relay, arguments.catalogue)
    relay.open()
    reader, writer = Load(arguments.warren, 0.5, read), Load(arguments.warren, 2, write)
    reader.start()
    writer.start()
    time.sleep(10)
    before = writer.done
    relay.cut()
    time.sleep(arguments.seconds)
    waiting = sum(command["state"] in ("QUEUED", "RUNNING") for command in commands(warren))
    relay.open()
    reader.end()
    writer.end()
    took_s = drained(warren)
    report(arguments, reader, writer, before, waiting, took_s, commands(warren), edges(catalogue, writer.done))


def report(arguments, reader, writer, before, waiting, took_s, settled, whole):
    dead = sum(command["state"] == "DEAD" for command in settled)
    print(f"OpenMetadata away for {arguments.seconds} s under load, then back. {measure.machine()}.")
    print()
    rows = [
        ["reads of a known name", f"{reader.done:,}"],
        ["reads that failed", f"{len(reader.failed)}"],
        ["slowest read, s", f"{reader.slowest_s:.1f}"],
        ["tables written, before and during", f"{before:,} and {writer.done - before:,}"],
        ["writes that failed", f"{len(writer.failed)}"],
        ["commands that waited at the end of the outage", f"{waiting:,}"],
        ["seconds until all were settled", f"{took_s:.0f}"],
        ["commands, of which done, of which dead", f"{len(settled):,}, {len(settled) - dead:,}, {dead}"],
        ["tables with exactly their one edge and its two columns", f"{whole:,} of {writer.done:,}"],
    ]
    measure.print_table(["what", "number"], rows)
    for failure in (reader.failed + writer.failed)[:5]:
        print(f"\nfailed: {failure}")


RUN = int(time.time())

if __name__ == "__main__":
    main()
