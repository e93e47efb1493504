"""Benchmark `queue`: consumers claim and ack a full model queue over HTTP, then pgbench does the same with the same UPDATEs."""

import json
import multiprocessing
import pathlib
import statistics
import subprocess
import time
from dataclasses import dataclass, field

import measure
import options
from http_json import Connection
from warren_jobs import WarrenClient

GIVEN = {
    "--warren": "base URL of warren serve",
    "--pid": "process id of warren serve",
    "--database": "name of its PostgreSQL database; the rest of the connection is in PG* variables",
    "--work-dir": "folder for files that are thrown away",
}
CLAIM = "/api/v1/model-queue/claim"
LEASE_MS = 600_000
PAYLOAD = {
    "statement": "CreateTableAsSelect",
    "query": "create table trino_prod.lake.mart.t as select id, total from sales_pg.shop.public.orders",
    "owner": "bench",
    "complete": True,
    "columns": [{"column": name, "from": [{"column": name, "use": "identity"}]} for name in ("id", "total")],
}

# Of each target an ingestion and then its lineage, as jobs leave them behind.
SEED = """
    insert into model_queue (job_id, model_name_fqn, from_fqn, command, created, payload)
    select '{job}', 'trino_prod.lake.mart.t' || n / 4, case when n % 4 > 0 then 'sales_pg.shop.public.s' || n % 4 end,
        case when n % 4 > 0 then 'LINEAGE' else 'INGESTION' end, now(), '{payload}'
    from generate_series(0, {rows} - 1) n"""
# The two statements of Warren, with what it binds written out.
CLAIM_SQL = """
    with next as materialized (
        select own.id, coalesce(octet_length(own.payload), 0) as bytes from model_queue as own
        where own.state in ('QUEUED', 'RUNNING') and (own.due is null or own.due <= now())
            and own.id = coalesce((
                select running.id from model_queue as running
                where running.model_name_fqn = own.model_name_fqn and running.state = 'RUNNING'
            ), own.id)
            and not exists (
                select 1 from model_queue as earlier
                where earlier.model_name_fqn = own.model_name_fqn and earlier.id < own.id
                    and earlier.state in ('QUEUED', 'RUNNING') and own.state = 'QUEUED'
                    and not (own.command = 'INGESTION' and earlier.command = 'LINEAGE' and exists (
                        select 1 from model_queue as waiting
                        where waiting.model_name_fqn = earlier.model_name_fqn and waiting.id <= earlier.id
                            and waiting.state in ('QUEUED', 'RUNNING') and waiting.state = 'QUEUED'
                            and waiting.command = 'LINEAGE' and waiting.attempts > 0 and waiting.due > now()
                    ))
            )
        order by own.id limit {batch} for update of own skip locked
    ), fitting as (
        select id from (select id, sum(bytes) over (order by id) - bytes as ahead from next) as summed where ahead < 4194304
    ), claimed as (
        update model_queue set state = 'RUNNING', attempts = attempts + 1, lease_token = {token}, due = now() + interval '10 min'
        where id in (select id from fitting) and state in ('QUEUED', 'RUNNING') and (due is null or due <= now())
        returning id
    ), ids as (select array_agg(id order by id) as id from claimed)
    select {columns} from ids"""
ACK_SQL = """update model_queue set state = 'DONE', settled = now(), due = null, last_error = null
    where id = :id{n} and state in ('RUNNING', 'DEAD') and lease_token = {token};"""
TOKEN = "('00000000-0000-4000-8000-' || lpad(:client_id::text, 12, '0'))::uuid"


@dataclass
class Work:
    """What one consumer did: ids of commands, how often each had been claimed, and milliseconds of its requests."""

    ids: list = field(default_factory=list)
    tries: list = field(default_factory=list)
    claims_ms: list = field(default_factory=list)
    acks_ms: list = field(default_factory=list)


def psql(database, sql):
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database]
    return subprocess.run(command, input=sql, text=True, check=True, stdout=subprocess.PIPE).stdout.strip()


def fill(database, job, rows):
    psql(database, "truncate model_queue")
    psql(database, SEED.format(job=job, rows=rows, payload=json.dumps(PAYLOAD).replace("'", "''")))
    psql(database, "vacuum analyze model_queue")


def settled(database):
    return int(psql(database, "select count(*) from model_queue where state = 'DONE' and attempts = 1"))


def timed(times_ms, connection, path, body):
    started = time.perf_counter()
    status, answer = connection.request("POST", path, json.dumps(body).encode())
    times_ms.append((time.perf_counter() - started) * 1000)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}: {answer[:300]}")
    return answer


def ack_each(work, connection, items):
    for item in items:
        timed(work.acks_ms, connection, f"/api/v1/model-queue/{item['id']}/ack", {"lease_token": item["lease_token"]})


def ack_claim(work, connection, items):
    if items:
        shown = {"lease_token": items[0]["lease_token"], "ids": [item["id"] for item in items]}
        lost = json.loads(timed(work.acks_ms, connection, "/api/v1/model-queue/ack", shown))["lost"]
        if lost:
            raise RuntimeError(f"the leases of {lost} were lost")


def consume(base_url, batch, ack, ready, done, total, results):
    """One consumer, a process of its own: claims a batch, acks it, until all are settled by somebody."""
    connection, work = Connection(base_url, {"Content-Type": "application/json"}), Work()
    ready.wait()
    while done.value < total:
        items = json.loads(timed(work.claims_ms, connection, CLAIM, {"limit": batch, "lease_ms": LEASE_MS}))["items"]
        ack(work, connection, items)
        for item in items:
            work.ids.append(item["id"])
            work.tries.append(item["attempts"])
        with done.get_lock():
            done.value += len(items)
    results.put(work)


def through_warren(arguments, ack):
    """Rows a second, the server's CPU seconds, and what the consumers did."""
    ready, results = multiprocessing.Barrier(arguments.consumers + 1), multiprocessing.Queue()
    done = multiprocessing.Value("q", 0)
    own = (arguments.warren, arguments.batch, ack, ready, done, arguments.rows, results)
    consumers = [multiprocessing.Process(target=consume, args=own, daemon=True) for _ in range(arguments.consumers)]
    for consumer in consumers:
        consumer.start()
    ready.wait()
    cpu, started = measure.cpu_seconds(arguments.pid), time.monotonic()
    works = [results.get(timeout=600) for _ in consumers]
    elapsed = time.monotonic() - started
    cpu = measure.cpu_seconds(arguments.pid) - cpu
    check(arguments, works)
    return arguments.rows / elapsed, cpu, works


def check(arguments, works):
    """Nobody got what somebody else had: no lease has ended, so that every command came once and at its first try."""
    ids = [one for work in works for one in work.ids]
    if len(ids) != arguments.rows or len(set(ids)) != arguments.rows:
        raise RuntimeError(f"{len(ids)} commands were handed out, {len(set(ids))} different ones of {arguments.rows}")
    if any(tries != 1 for work in works for tries in work.tries) or settled(arguments.database) != arguments.rows:
        raise RuntimeError("a command was handed out twice inside of its lease")


def through_pgbench(arguments):
    """Rows a second of the two UPDATEs alone, as many connections as there are consumers."""
    columns = ", ".join(f"coalesce(id[{n}], -1) as id{n}" for n in range(1, arguments.batch + 1))
    script = CLAIM_SQL.format(batch=arguments.batch, token=TOKEN, columns=columns) + " \\gset\n"
    script += "\n".join(ACK_SQL.format(n=n, token=TOKEN) for n in range(1, arguments.batch + 1))
    path = pathlib.Path(arguments.work_dir) / "queue.pgbench"
    path.write_text(script, encoding="ascii")
    each = arguments.rows // (arguments.batch * arguments.consumers)
    clients = ["-c", str(arguments.consumers), "-j", "2", "-t", str(each)]
    started = time.monotonic()
    subprocess.run(
        ["pgbench", "-n", "-M", "prepared", *clients, "-f", str(path), arguments.database],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    elapsed = time.monotonic() - started
    return settled(arguments.database) / elapsed


def main():
    arguments = options.read(__doc__, {"--rows": 20000, "--consumers": 8, "--batch": 50, "--rounds": 3}, GIVEN)
    machine = measure.machine()
    job = WarrenClient(arguments.warren).run("select 1")["id"]
    rounds = []
    for _ in range(arguments.rounds):
        fill(arguments.database, job, arguments.rows)
        ours = through_warren(arguments, ack_claim)
        fill(arguments.database, job, arguments.rows)
        each = through_warren(arguments, ack_each)
        fill(arguments.database, job, arguments.rows)
        rounds.append((ours, each, through_pgbench(arguments)))
    report(arguments, machine, rounds)


def report(arguments, machine, rounds):
    (rate, cpu, works), (rate_each, _, _), limit = sorted(rounds, key=lambda one: one[0][0])[len(rounds) // 2]
    print(f"{arguments.rows:,} commands of {arguments.rows // 4:,} targets, {arguments.consumers} consumers, batches of")
    print(f"{arguments.batch}; the median of {len(rounds)} rounds in turn. {machine}.")
    print()
    measure.print_table(
        ["claim + ack", "rows a second", "of the limit"],
        [
            ["`pgbench`, the two UPDATEs alone, one ack for each command", f"{limit:,.0f}", "1.00"],
            ["Warren over HTTP, one ack for each command", f"{rate_each:,.0f}", f"{rate_each / limit:.2f}"],
            ["Warren over HTTP, one ack for each claim", f"{rate:,.0f}", f"{rate / limit:.2f}"],
        ],
    )
    print()
    times = [("claim", [t for work in works for t in work.claims_ms]), ("ack", [t for work in works for t in work.acks_ms])]
    rows = [[name, f"{len(all_ms):,}"] + [f"{cut:.1f}" for cut in cuts(all_ms)] for name, all_ms in times]
    measure.print_table(["request", "number", "p50 ms", "p99 ms"], rows)
    print()
    print(f"No command came twice. The server took {cpu / arguments.rows * 1000:.2f} ms of CPU for each.")


def cuts(times_ms):
    percentiles = statistics.quantiles(times_ms, n=100, method="inclusive")
    return percentiles[49], percentiles[98]


if __name__ == "__main__":
    main()
