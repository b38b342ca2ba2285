"""Somebody who is told of alerts by a webhook of the product's own, beside Alertmanager."""

import base64
import contextlib
import http.server
import pathlib
import threading


class Receiver:
    """Takes all that it is sent, unless told otherwise."""

    def __init__(self):
        self._answer = 200
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(receiver._answer)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()

    @contextlib.contextmanager
    def answering(self, status: int):
        """As long as it lasts it takes nothing, and answers this."""
        self._answer = status
        try:
            yield
        finally:
            self._answer = 200

    def webhooks(self, folder: pathlib.Path) -> pathlib.Path:
        """A file for --webhooks with it as `receiver`."""
        secret = folder / "receiver_secret"
        secret.write_text(f"whsec_{base64.b64encode(bytes(32)).decode()}\n")
        file = folder / "webhooks.textproto"
        file.write_text(f'webhooks {{ name: "receiver" url: "http://127.0.0.1:{self._server.server_port}/" secret_file: "{secret}" }}\n')
        return file
