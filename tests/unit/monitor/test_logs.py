"""Events as lines: each style, what every line has, and what no line may have."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cromwelld.events import Event, Kind
from cromwelld.monitor.logs import Log, Style, during, hear_libraries, style_of

NOW = dt.datetime(2025, 10, 9, 3, 0, 12, 345678, tzinfo=dt.UTC)
ARCHIVED = Event(Kind.DAY_ARCHIVED, {"account": "me", "date": "2025-10-08", "records": 12})
DAMAGED = Event(Kind.FILE_DAMAGED, {"problem": "tokens\nlost"})


def lines(style: Style, *events: Event) -> list[str]:
    stream = io.StringIO()
    log = Log(stream, style, clock=lambda: NOW)
    for event in events:
        log(event)
    return stream.getvalue().splitlines()


def journal(*events: Event) -> list[dict[str, Any]]:
    return [json.loads(line[3:]) for line in lines(Style.JOURNAL, *events)]


def test_the_journal_gets_json_behind_the_priority() -> None:
    (line,) = lines(Style.JOURNAL, ARCHIVED)
    assert line == (
        '<6>{"time": "2025-10-09T03:00:12.345+00:00", "level": "info", "event": "day.archived", "run": null, '
        '"account": "me", "date": "2025-10-08", "records": 12}'
    )


@pytest.mark.parametrize(
    ("kind", "priority"),
    [(Kind.FILE_DAMAGED, "<3>"), (Kind.DAY_WAITS, "<4>"), (Kind.DAY_ARCHIVED, "<6>")],
)
def test_the_priority_is_that_of_the_level(kind: Kind, priority: str) -> None:
    assert lines(Style.JOURNAL, Event(kind))[0].startswith(priority + "{")


def test_other_streams_get_pairs() -> None:
    assert lines(Style.PLAIN, ARCHIVED) == [
        "time=2025-10-09T03:00:12.345+00:00 level=info event=day.archived run= account=me date=2025-10-08 records=12"
    ]


def test_a_terminal_gets_colours_and_nothing_that_is_null() -> None:
    (line,) = lines(Style.TERMINAL, ARCHIVED)
    assert "\x1b[" in line
    assert "day.archived" in line
    assert "run" not in line


@pytest.mark.parametrize("style", list(Style))
def test_a_text_cannot_begin_a_line_nor_move_a_cursor(style: Style) -> None:
    event = Event(Kind.DAY_WAITS, {"problem": 'x\r\n<0>{"event": "day.archived"}\x1b[2J\u2028y'})
    (line,) = lines(style, event)
    assert "\x1b[2J" not in line
    assert "\r" not in line
    assert "\u2028" not in line


def test_every_line_has_its_run_and_its_account() -> None:
    with during(run="8c1f", account="partner"):
        own, other = journal(DAMAGED, ARCHIVED)
    assert (own["run"], own["account"]) == ("8c1f", "partner")
    assert (other["run"], other["account"]) == ("8c1f", "me")
    (outside,) = journal(DAMAGED)
    assert (outside["run"], outside["account"]) == (None, None)


async def test_tasks_and_threads_of_a_run_belong_to_it() -> None:
    stream = io.StringIO()
    log = Log(stream, Style.JOURNAL, clock=lambda: NOW)

    async def run(name: str) -> None:
        with during(run=name, account=name):
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.to_thread(log, DAMAGED))

    await asyncio.gather(run("one"), run("two"))
    told = [json.loads(line[3:]) for line in stream.getvalue().splitlines()]
    assert sorted((line["run"], line["account"]) for line in told) == [("one", "one"), ("two", "two")]


def test_counts_of_records_are_told() -> None:
    (line,) = journal(Event(Kind.STREAM_ANSWERED, {"account": "me"}, {"SleepLevels": 20}))
    assert line["counts"] == {"SleepLevels": 20}


@pytest.mark.parametrize("style", list(Style))
def test_a_secret_in_a_field_is_taken_out(style: Style) -> None:
    event = Event(Kind.DAY_WAITS, {"problem": f"refresh_token={'a' * 30} at 52.5200066, Bearer abcdefghijkl"})
    (line,) = lines(style, event)
    assert "aaaa" not in line
    assert "52.52" not in line
    assert "abcdefghijkl" not in line


class _Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device", text)


def test_a_stream_that_takes_nothing_kills_nobody() -> None:
    Log(_Full(), Style.PLAIN)(ARCHIVED)
    closed = io.StringIO()
    closed.close()
    Log(closed, Style.PLAIN)(ARCHIVED)


# --- which style a stream has


def test_the_stream_that_leads_to_the_journal_is_known_by_its_file(tmp_path: Path) -> None:
    with (tmp_path / "one").open("w") as stream, (tmp_path / "two").open("w") as other:
        found = os.fstat(stream.fileno())
        environ = {"JOURNAL_STREAM": f"{found.st_dev}:{found.st_ino}"}
        assert style_of(stream, environ) is Style.JOURNAL
        assert style_of(other, environ) is Style.PLAIN
        assert style_of(stream, {}) is Style.PLAIN


def test_a_terminal_is_known(tmp_path: Path) -> None:
    del tmp_path
    leader, follower = os.openpty()
    with os.fdopen(leader, "rb"), os.fdopen(follower, "w") as stream:
        assert style_of(stream, {}) is Style.TERMINAL


def test_a_stream_without_a_file_is_plain() -> None:
    assert style_of(io.StringIO(), {"JOURNAL_STREAM": ""}) is Style.PLAIN


# --- what libraries say


@pytest.fixture
def heard() -> Iterator[list[Event]]:
    events: list[Event] = []
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    hear_libraries(events.append)
    yield events
    logging.captureWarnings(capture=False)
    root.handlers[:] = before
    root.setLevel(level)


def test_a_library_is_heard_without_what_it_filled_in(heard: list[Event]) -> None:
    logging.getLogger("aiohttp.server").warning("request of %s was bad\nand more", "person-4711")
    logging.getLogger("aiohttp.server").info("nothing of note")
    assert heard == [
        Event(Kind.LIBRARY_WARNED, {"library": "aiohttp.server", "says": "request of %s was bad"}),
    ]


def test_an_error_in_a_library_is_told_by_its_place_not_by_its_text(heard: list[Event]) -> None:
    try:
        int("73.4 kg")
    except ValueError:
        logging.getLogger("x").exception("failed")
    (event,) = heard
    assert str(event.fields["error"]).startswith("ValueError in test_logs.py, line ")
    assert "73.4" not in str(event.fields)


def test_warnings_of_python_are_heard(heard: list[Event]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert [event.fields["library"] for event in heard] == ["py.warnings"]


def test_nothing_that_is_logged_by_libraries_is_printed() -> None:
    code = (
        "import sys, logging; from cromwelld.monitor.logs import *; "
        "hear_libraries(Log(sys.stderr, Style.JOURNAL)); logging.getLogger('x').error('bad %s', 1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    (line,) = done.stderr.splitlines()
    assert json.loads(line[3:])["says"] == "bad %s"
    assert done.stdout == ""
