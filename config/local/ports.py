"""Ports of this machine's loopback address: which is taken, which is free."""

import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


def taken(port: int) -> bool:
    """Say whether something listens on 127.0.0.1:`port`, or on that port of every address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a connection that closed a moment ago must not count as a listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def free() -> int:
    """Return a port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def remembered(file: Path) -> int:
    """Return the port written in `file` while it is free, else a new one; the caller writes it."""
    try:
        port = int(file.read_text())
    except (OSError, ValueError):
        return free()
    return free() if taken(port) else port
