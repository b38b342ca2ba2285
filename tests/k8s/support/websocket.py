"""What `kubectl exec` speaks: channels of a program's input, output and exit code, over frames of a web socket."""

import json
import struct

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
BINARY, CLOSE, PING = 2, 8, 9
STDIN, STDOUT, STDERR, STATUS, ENDED = 0, 1, 2, 3, 255
PIECE = 32768


def _frame(file) -> tuple:
    head = file.read(2)
    if len(head) < 2:
        return CLOSE, b""
    length = head[1] & 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", file.read(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", file.read(8))
    mask = file.read(4) if head[1] & 0x80 else b"\0\0\0\0"
    data = file.read(length)
    repeated = (mask * (length // 4 + 1))[:length]
    return head[0] & 0x0F, (int.from_bytes(data, "big") ^ int.from_bytes(repeated, "big")).to_bytes(length, "big")


def read_input(file) -> bytes:
    """All that is typed, until it ends."""
    typed = []
    while True:
        kind, data = _frame(file)
        if kind == CLOSE or data[:2] == bytes([ENDED, STDIN]):
            return b"".join(typed)
        if kind != PING and data[:1] == bytes([STDIN]):
            typed.append(data[1:])


def _send(file, data: bytes, kind: int = BINARY) -> None:
    size = len(data)
    head = struct.pack(">BB", 0x80 | kind, size) if size < 126 else struct.pack(">BBH", 0x80 | kind, 126, size)
    file.write(head + data)


def send_result(file, done) -> None:
    """`done`: a CompletedProcess of bytes."""
    for channel, data in ((STDOUT, done.stdout), (STDERR, done.stderr)):
        for start in range(0, len(data), PIECE):
            _send(file, bytes([channel]) + data[start : start + PIECE])
    status = {"metadata": {}, "status": "Success"}
    if done.returncode != 0:
        causes = {"causes": [{"reason": "ExitCode", "message": str(done.returncode)}]}
        status = {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode", "message": f"exit code {done.returncode}", "details": causes}
    _send(file, bytes([STATUS]) + json.dumps(status).encode())
    _send(file, struct.pack(">H", 1000), CLOSE)
    file.flush()
