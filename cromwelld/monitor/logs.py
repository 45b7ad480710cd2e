"""Events as lines of a log: JSON for the journal, colours for a terminal, plain text for everything else."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from enum import Enum
from typing import Any, TextIO

import structlog

from cromwelld.errors import place_of
from cromwelld.events import Event, Kind, Level, Report

_PRIORITY = {Level.ERROR: 3, Level.WARNING: 4, Level.INFO: 6, Level.DEBUG: 7}  # as syslog has them
_NUMBER = {level.value: priority for level, priority in _PRIORITY.items()}
_MOST_CHARACTERS = 200
_Line = MutableMapping[str, Any]


class Style(Enum):
    """How lines are written."""

    JOURNAL = "journal"
    TERMINAL = "terminal"
    PLAIN = "plain"


def utc_now() -> dt.datetime:
    """Read the machine's clock."""
    return dt.datetime.now(dt.UTC)


def style_of(stream: TextIO, environ: Mapping[str, str]) -> Style:
    """Choose the style for a stream: `JOURNAL_STREAM` names the one that leads to the journal, by device and inode.

    Source: https://www.freedesktop.org/software/systemd/man/systemd.exec.html ($JOURNAL_STREAM)
    """
    if environ.get("JOURNAL_STREAM") and environ["JOURNAL_STREAM"] == _identity(stream):
        return Style.JOURNAL
    return Style.TERMINAL if stream.isatty() else Style.PLAIN


def _identity(stream: TextIO) -> str:
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):  # a stream without a file behind it
        return ""
    return f"{found.st_dev}:{found.st_ino}"


@contextmanager
def during(*, run: str, account: str = "") -> Iterator[None]:
    """Let every line of this task, and of tasks and threads that it starts, say to which run and account it belongs."""
    with structlog.contextvars.bound_contextvars(run=run, account=account or None):
        yield


class Log:
    """Write events as lines; from any thread. What is debug is left out."""

    def __init__(self, stream: TextIO, style: Style, *, clock: Callable[[], dt.datetime] = utc_now) -> None:
        self._clock = clock
        self._logger: structlog.BoundLogger = structlog.wrap_logger(
            structlog.PrintLogger(stream),
            processors=[
                structlog.contextvars.merge_contextvars,
                self._in_order,
                structlog.processors.add_log_level,
                *_RENDERERS[style],
            ],
            wrapper_class=structlog.BoundLogger,
        )

    def __call__(self, event: Event) -> None:
        """Write one event; a stream that takes nothing any more is passed over, as there is nobody to tell."""
        if event.kind.level is Level.DEBUG:
            return
        fields: dict[str, object] = {name: _on_one_line(value) for name, value in event.fields.items()}
        if event.counts:
            fields["counts"] = dict(event.counts)
        write = getattr(self._logger, event.kind.level.value)
        with suppress(OSError, ValueError):
            write(event.kind.label, **fields)

    def _in_order(self, _: object, level: str, line: _Line) -> _Line:
        """Put first what every line has: null where an event belongs to no run, or to no account."""
        first = {"time": self._clock().isoformat(timespec="milliseconds"), "level": level, "event": line.pop("event")}
        return {**first, "run": line.pop("run", None), "account": line.pop("account", None), **line}


def _on_one_line(value: object) -> object:
    """Write control characters out: a text must not end its line, nor move a terminal's cursor."""
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in value)


def _as_json(_: object, __: str, line: _Line) -> str:
    return json.dumps(line, ensure_ascii=False)


def _with_priority(_: object, level: str, text: str) -> str:
    return f"<{_NUMBER[level]}>{text}"


def _for_eyes(_: object, __: str, line: _Line) -> _Line:
    """Leave out what is null, and name things as the renderer wants them."""
    shown = {name: value for name, value in line.items() if value is not None}
    return {**shown, "timestamp": shown.pop("time")}


_RENDERERS: Mapping[Style, tuple[Callable[..., Any], ...]] = {
    Style.JOURNAL: (_as_json, _with_priority),
    Style.TERMINAL: (_for_eyes, structlog.dev.ConsoleRenderer(colors=True, sort_keys=False)),
    Style.PLAIN: (structlog.processors.LogfmtRenderer(),),
}


class _Libraries(logging.Handler):
    """Turn what libraries log into events: their template and where it was, never what they filled into it."""

    def __init__(self, report: Report) -> None:
        super().__init__(logging.WARNING)
        self._report = report

    def emit(self, record: logging.LogRecord) -> None:
        """Report one record."""
        template = str(record.msg).partition("\n")[0][:_MOST_CHARACTERS]
        fields: dict[str, str | int | float] = {"library": record.name, "says": template}
        err = record.exc_info[1] if record.exc_info else None
        if err is not None:
            fields["error"] = place_of(err)
        self._report(Event(Kind.LIBRARY_WARNED, fields))


def hear_libraries(report: Report) -> None:
    """Report from now on what libraries log as warnings and errors, in place of printing it."""
    root = logging.getLogger()
    root.handlers[:] = [_Libraries(report)]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
