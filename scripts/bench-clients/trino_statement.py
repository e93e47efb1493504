"""Trino's statement protocol, as little of it as measuring takes."""

import json
import re

from http_json import Connection, path_of

# `nextUri` comes before `columns` and `data` in a page, so that the head of a page is enough to go on.
HEAD_BYTES = 4096
NEXT_URI = re.compile(rb'"nextUri":"([^"]*)"')
ERROR = re.compile(rb'"error":\{"message":"([^"]*)')


class QueryFailed(Exception):
    """Trino answered with an error, or with something that is no page."""


class TrinoClient:
    """Runs statements one after the other over one connection."""

    def __init__(self, base_url, user="bench"):
        self.connection = Connection(base_url, {"X-Trino-User": user, "X-Trino-Source": "warren-bench"})

    def rows(self, sql):
        """Runs a query and returns its rows, decoded."""
        rows = []
        page = self._page("POST", "/v1/statement", sql.encode())
        while True:
            if "error" in page:
                raise QueryFailed(page["error"]["message"])
            rows.extend(page.get("data", ()))
            if "nextUri" not in page:
                return rows
            page = self._page("GET", path_of(page["nextUri"]))

    def drain(self, sql):
        """Runs a query, reads every page and decodes none. Returns the number of bytes."""
        size = 0
        page = self._bytes("POST", "/v1/statement", sql.encode())
        while True:
            size += len(page)
            next_uri = NEXT_URI.search(page, 0, HEAD_BYTES)
            if next_uri is None:
                error = ERROR.search(page)
                if error:
                    raise QueryFailed(error.group(1).decode())
                return size
            page = self._bytes("GET", path_of(next_uri.group(1).decode()))

    def _page(self, method, path, body=None):
        return json.loads(self._bytes(method, path, body))

    def _bytes(self, method, path, body=None):
        status, answer = self.connection.request(method, path, body)
        if status != 200:
            raise QueryFailed(f"{method} {path} answered {status}")
        return answer
