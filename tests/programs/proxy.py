"""Stands between a client and a server, and does to their connections what networks do."""

import contextlib
import socket
import threading
import time

PIECE = 65536


class Proxy:
    """Passes on what is said between its own port and another of 127.0.0.1, until it is told otherwise."""

    def __init__(self, server_port: int):
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._connections = set()
        self._delay_s = 0.0
        self._passes = threading.Event()
        self._passes.set()
        self._longest_answer = None
        self._refuses = False
        self._stopped = False

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._stopped = True
        self._passes.set()
        # Wakes who waits in accept().
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        self._listener.close()
        self._cut()

    @contextlib.contextmanager
    def delaying(self, seconds: float):
        """Answers come later by that much."""
        self._delay_s = seconds
        try:
            yield
        finally:
            self._delay_s = 0.0

    @contextlib.contextmanager
    def stalling(self):
        """Nothing is passed on, and connections stay open."""
        self._passes.clear()
        try:
            yield
        finally:
            self._passes.set()

    @contextlib.contextmanager
    def refusing(self):
        """Connections are cut, and new ones closed at once."""
        self._refuses = True
        self._cut()
        try:
            yield
        finally:
            self._refuses = False

    @contextlib.contextmanager
    def cutting_after(self, size: int):
        """Connections are cut, and new ones as soon as `size` bytes have been answered on them."""
        self._longest_answer = size
        self._cut()
        try:
            yield
        finally:
            self._longest_answer = None

    def _accept(self) -> None:
        while not self._stopped:
            client, _ = self._listener.accept()
            if self._refuses or self._stopped:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self._server_port))
            except OSError:
                client.close()
                continue
            with self._lock:
                self._connections |= {client, server}
            threading.Thread(target=self._pass, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, True), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        passed = 0
        try:
            while piece := source.recv(PIECE):
                if answers and self._delay_s:
                    time.sleep(self._delay_s)
                self._passes.wait()
                passed += len(piece)
                if answers and self._longest_answer is not None and passed > self._longest_answer:
                    break
                sink.sendall(piece)
        except OSError:
            pass
        self._close(source, sink)

    def _close(self, *ends: socket.socket) -> None:
        for end in ends:
            # Also wakes the thread that reads from it.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with self._lock:
                self._connections.discard(end)
            end.close()

    def _cut(self) -> None:
        with self._lock:
            connections = set(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
