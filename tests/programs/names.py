"""A DNS server of our own, so that one name leads to as many addresses of the loopback as there are replicas."""

import socket
import socketserver
import struct
import threading
import time

TYPE_A = 1


class Names:
    """Answers over UDP for what `addresses` holds: by name, without a dot at the end, a list of IPv4 addresses. `kept_s`: for so long an answer that
    was given once is given again, as by a resolver that keeps them."""

    def __init__(self, kept_s: float = 0):
        self.addresses: dict[str, list[str]] = {}
        self._kept_s = kept_s
        self._kept: dict[str, tuple[float, list[str]]] = {}
        names = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                query, client = self.request
                client.sendto(names._answer(query), self.client_address)

        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Names":
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()

    def target(self, name: str, port: int) -> str:
        """What a channel of gRPC is told, so that it asks here."""
        return f"dns://127.0.0.1:{self._server.server_address[1]}/{name}:{port}"

    def _answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12 : at + 5]
        asked = struct.unpack(">H", query[at + 1 : at + 3])[0]
        found = self._look_up(".".join(labels).lower()) if asked == TYPE_A else []
        # A response with authority, recursion available; no error, though nothing may have been found.
        head = query[:2] + struct.pack(">HHHHH", 0x8580, 1, len(found), 0, 0)
        # The name is that of the question; lives for no time.
        records = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", TYPE_A, 1, 0, 4) + socket.inet_aton(address) for address in found)
        return head + question + records

    def _look_up(self, name: str) -> list[str]:
        since, addresses = self._kept.get(name, (float("-inf"), []))
        if time.monotonic() - since >= self._kept_s:
            since, addresses = time.monotonic(), list(self.addresses.get(name, []))
            self._kept[name] = (since, addresses)
        return addresses
