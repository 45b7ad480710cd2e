"""What systemd is told of the service, by its notify protocol."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping

from cromwelld.redaction import redacted

_MICROSECONDS = 1_000_000
_LONGEST_STATUS = 400


class Notifier:
    """Tell the service manager, if there is one, how the service stands; nothing here waits or raises.

    Source: https://www.freedesktop.org/software/systemd/man/sd_notify.html
    """

    def __init__(self, address: str | None, *, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._address = None if address is None else _path(address)
        self._monotonic_ns = monotonic_ns

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Notifier:
        """Make the notifier of the service manager that started this process."""
        return cls(environ.get("NOTIFY_SOCKET") or None)

    def ready(self, status: str) -> bool:
        """Say that start-up, or a reload, is finished."""
        return self._send("READY=1", _status(status))

    def status(self, words: str) -> bool:
        """Say in words what is being done."""
        return self._send(_status(words))

    def reloading(self) -> bool:
        """Say that the configuration is read again; `ready` ends it."""
        return self._send("RELOADING=1", f"MONOTONIC_USEC={self._monotonic_ns() // 1000}")

    def stopping(self, status: str) -> bool:
        """Say that the service ends."""
        return self._send("STOPPING=1", _status(status))

    def extend_timeout(self, seconds: float) -> bool:
        """Ask for so much more time, from now on, for start, reload or stop."""
        return self._send(f"EXTEND_TIMEOUT_USEC={round(seconds * _MICROSECONDS)}")

    def watchdog(self) -> bool:
        """Say that there was progress since the last time."""
        return self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> bool:
        """Send one message; tell whether the manager took it."""
        if self._address is None:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
                sender.settimeout(0)  # a manager that does not read must not stop us
                sender.sendto("\n".join(lines).encode(), self._address)
        except OSError:
            return False
        return True


def _path(address: str) -> str | None:
    """Give the address as sockets want it: an abstract one begins with a zero byte. None for other kinds."""
    if address.startswith("@"):
        return "\0" + address[1:]
    return address if address.startswith("/") else None


def _status(words: str) -> str:
    """Write words as one line without secrets."""
    return f"STATUS={' '.join(redacted(words).split())[:_LONGEST_STATUS]}"


def watchdog_s(environ: Mapping[str, str]) -> float | None:
    """Say within how many seconds `watchdog` must be told again; None if nobody waits for it.

    Source: https://www.freedesktop.org/software/systemd/man/sd_watchdog_enabled.html
    """
    if environ.get("WATCHDOG_PID") not in {None, "", str(os.getpid())}:
        return None
    told = environ.get("WATCHDOG_USEC", "")
    return int(told) / _MICROSECONDS if told.isascii() and told.isdigit() and int(told) > 0 else None
