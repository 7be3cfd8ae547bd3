"""The report site: the reports of the object store on loopback, read only."""

import contextlib
import mimetypes
import threading
import urllib.parse
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from registry.errors import UsageError
from registry.objects import ObjectMissing
from tasks.platform import platform

_HEADERS = {
    # A page that is published again is seen at once.
    "Cache-Control": "no-cache",
    # Nothing from elsewhere, whatever a page may ask for.
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data:",
    "X-Content-Type-Options": "nosniff",
}
_NO_NIGHT = b"<!doctype html><title>Reports</title><p>No night has been run yet: there is no report."


@contextlib.contextmanager
def report_site(port: int) -> Iterator[None]:
    """Serves `reports/` at http://127.0.0.1:`port`/.

    Raises:
        OSError: the port is taken.
    """
    with ThreadingHTTPServer(("127.0.0.1", port), _Reports) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            site.shutdown()


class _Reports(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).lstrip("/")
        key = f"reports/{path}index.html" if path.endswith("/") or not path else f"reports/{path}"
        try:
            content = platform().objects.read_bytes(key)
        except (ObjectMissing, UsageError):
            content = b"" if path else _NO_NIGHT
        except Exception:  # noqa: BLE001 - whatever the store says, a reader gets a plain answer
            self.send_error(HTTPStatus.BAD_GATEWAY, "The object store does not answer")
            return
        if content:
            self._send(content, mimetypes.guess_type(key)[0] or "application/octet-stream")
        else:
            self.send_error(HTTPStatus.NOT_FOUND, "No such report")

    do_HEAD = do_GET  # noqa: N815 - the name is the library's

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Keeps quiet: an address is nobody's business."""
