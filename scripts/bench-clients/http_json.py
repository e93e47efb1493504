"""A connection that is kept open, for the measuring clients: the same kind of client for Warren and for Trino.

Nothing here knows what either of them answers.
"""

import http.client
import urllib.parse


class Connection:
    """HTTP/1.1 over one kept-alive connection, without compression."""

    def __init__(self, base_url, headers=None):
        self.address = urllib.parse.urlsplit(base_url)
        self.headers = dict(headers or {})
        self.http = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=600)

    def request(self, method, path, body=None, headers=None):
        """Returns the status and the whole body."""
        answer = self.open(method, path, body, headers)
        return answer.status, answer.read()

    def open(self, method, path, body=None, headers=None):
        """Returns the response; the caller reads its body to the end."""
        self.http.request(method, path, body=body, headers={**self.headers, **(headers or {})})
        return self.http.getresponse()


def path_of(url):
    """Path and query of an absolute URL: everything is on one server."""
    parts = urllib.parse.urlsplit(url)
    return parts.path + ("?" + parts.query if parts.query else "")
