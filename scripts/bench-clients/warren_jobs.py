"""Warren's job API, as little of it as measuring takes."""

import json

from http_json import Connection

JOBS = "/api/v1/jobs"
TERMINAL = ("FINISHED", "FAILED", "CANCELED")


class JobFailed(Exception):
    """A job did not end as the benchmark expects."""


class WarrenClient:
    """Submits jobs one after the other over one connection."""

    def __init__(self, base_url):
        self.connection = Connection(base_url, {"Content-Type": "application/json"})

    def submit(self, sql, wait_ms):
        """Submits a query and returns the job as it is when the answer comes."""
        return self._json("POST", JOBS, json.dumps({"query": sql, "wait_ms": wait_ms}).encode())

    def first_rows(self, sql, wait_ms=60000):
        """The rows of a small result, in the answer to its own submission."""
        return finished(self.submit(sql, wait_ms))["page"]["rows"]

    def run(self, sql):
        """Runs a query to its end, however long it takes, and returns the job."""
        job = self.submit(sql, 0)
        while job["status"] not in TERMINAL:
            job = self._json("GET", f"{JOBS}/{job['id']}?wait_ms=10000")
        return finished(job)

    def download_bytes(self, job, form):
        """Downloads a result, keeps none of it, and returns its size."""
        answer = self.connection.open("GET", f"{JOBS}/{job['id']}/result/download?format={form}")
        if answer.status != 200:
            raise JobFailed(f"the download answered {answer.status}: {answer.read()[:300]}")
        size = 0
        while chunk := answer.read(1 << 20):
            size += len(chunk)
        return size

    def delete(self, job):
        """Deletes a job with its result."""
        status, answer = self.connection.request("DELETE", f"{JOBS}/{job['id']}")
        if status >= 300:
            raise JobFailed(f"DELETE answered {status}: {answer[:300]}")

    def _json(self, method, path, body=None):
        status, answer = self.connection.request(method, path, body)
        if status not in (200, 202):
            raise JobFailed(f"{method} {path} answered {status}: {answer[:300]}")
        return json.loads(answer)


def finished(job):
    """The job itself when it has finished with a whole result."""
    if job["status"] != "FINISHED":
        raise JobFailed(f"job {job['id']} is {job['status']}: {job.get('error')}")
    if job["result"]["truncated"]:
        raise JobFailed(f"job {job['id']} was cut: {job['result']['truncated']}")
    return job
