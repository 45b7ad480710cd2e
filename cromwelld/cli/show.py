"""What a collection did, as a table for people or as JSON for programs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from cromwelld.errors import ConfigurationError, CromwelldError
from cromwelld.jobs.collect import Asked, Collected
from cromwelld.jobs.states import state_of
from cromwelld.jobs.store import Stored
from cromwelld.measurements import DAY_RECORD, ORDER
from cromwelld.pieces import Outcome

_MOST_COLUMNS = 7
_DONE, _FAILED, _INCOMPLETE, _AWAY = 0, 1, 10, 75


@contextmanager
def progress(total: int, what: str, *, quiet: bool) -> Iterator[Callable[[object], None]]:
    """Show a bar with what is left on a terminal, nothing elsewhere; call what it gives for each step."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda _: bar.advance(task)


def exit_code(collected: Collected) -> int:
    """Choose the exit code of a collection."""
    if collected.ended_by is not None:
        return collected.ended_by.exit_code
    if any(item.error is not None for item in collected.stored):
        return _FAILED
    answered = any(item.outcome.answered for item in collected.asked)
    return _DONE if collected.complete else _INCOMPLETE if answered else _AWAY


def print_collected(collected: Collected, dates: Sequence[dt.date], places: dict[str, str]) -> None:
    """Print measurements and counts by date, what could not be had, and where things lie."""
    shown = [item for item in collected.stored if item.day is not None and item.date in set(dates)]
    console = Console(width=None if Console().is_terminal else 120)
    console.print(_table(shown))
    for line in _troubles(collected):
        console.print(line, markup=False, highlight=False)
    for name, place in places.items():
        console.print(f"{name:8} {place}", markup=False, highlight=False, soft_wrap=True)


def _table(stored: Sequence[Stored]) -> Table:
    table = Table(box=box.SIMPLE, title_justify="left")
    table.add_column("measurement")
    wide = len(stored) > _MOST_COLUMNS
    titles = [f"{len(stored)} dates"] if wide else [item.date.isoformat() for item in stored]
    for title in titles:
        table.add_column(title, justify="right")
    for name in sorted({name for item in stored for name in _counts(item)}, key=lambda name: ORDER.get(name, 99)):
        counts = [_counts(item).get(name, 0) for item in stored]
        cells = [sum(counts)] if wide else counts
        table.add_row(name, *(f"{count:,}" if count else "-" for count in cells))
    return table


def _counts(item: Stored) -> dict[str, int]:
    if item.day is None:
        return {}
    counts = {name: rows.num_rows for name, rows in item.day.tables.items()}
    return counts | ({DAY_RECORD: 1} if item.archived else {})


def _troubles(collected: Collected) -> Iterator[str]:
    for item in collected.asked:
        if item.outcome in {Outcome.FAILED, Outcome.REFUSED}:
            yield f"{item.date} {item.stream}: {item.outcome.value}: {item.reason}"
    for stored in collected.stored:
        if stored.error is not None:
            yield f"{stored.date}: not stored: {stored.error.message}; {stored.error.hint}"
    if collected.ended_by is not None:
        yield f"ended early: {collected.ended_by.message}; {collected.ended_by.hint}"


def as_json(collected: Collected, places: dict[str, str]) -> None:
    """Print everything that `print_collected` says, and each stream's outcome, as one JSON object."""
    document = {
        "complete": collected.complete,
        "dates": {item.date.isoformat(): _date_json(item) for item in collected.stored},
        "streams": [_asked_json(item) for item in collected.asked],
        "places": places,
        "ended_by": _error_json(collected.ended_by),
    }
    click.echo(json.dumps(document, indent=2))


def _date_json(item: Stored) -> dict[str, object]:
    return {
        "state": None if item.day is None else state_of(item.day, ended=item.archived),
        "archived": item.archived,
        "changed": item.changed,
        "records": _counts(item),
        "error": _error_json(item.error),
    }


def _asked_json(item: Asked) -> dict[str, object]:
    return {
        "date": item.date.isoformat(),
        "stream": item.stream,
        "outcome": item.outcome.value,
        "reason": item.reason,
        "records": item.records,
    }


def _error_json(err: CromwelldError | None) -> dict[str, object] | None:
    if err is None:
        return None
    problems = list(err.problems) if isinstance(err, ConfigurationError) else []
    return {"message": err.message, "hint": err.hint, "problems": problems}
