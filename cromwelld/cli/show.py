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
from rich.text import Text

from cromwelld.errors import CromwelldError
from cromwelld.jobs.collect import Collected
from cromwelld.jobs.fetching import Asked
from cromwelld.jobs.reporting import counts, document
from cromwelld.jobs.store import Stored
from cromwelld.measurements import ORDER
from cromwelld.outbox import Held
from cromwelld.pieces import Outcome

_MOST_COLUMNS = 7
_PLAIN_COLUMNS = 120  # where nobody says how wide the page is
_NAME_COLUMNS = 31  # the longest name of a measurement, and the blanks around it
_LEAST_COLUMNS = 50  # a narrower terminal breaks the lines itself
_COUNT_CHARS = 6  # 31,000
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
    codes = {item.error.exit_code for item in collected.stored if item.error is not None}
    if codes:
        return codes.pop() if len(codes) == 1 else _FAILED
    answered = any(item.outcome.answered for item in collected.asked)
    return _DONE if collected.complete else _INCOMPLETE if answered else _AWAY


def print_collected(collected: Collected, dates: Sequence[dt.date], places: dict[str, str]) -> None:
    """Print measurements and counts by date, what could not be had, and where things lie."""
    shown = [item for item in collected.stored if item.day is not None and item.date in set(dates)]
    console = Console(width=None if Console().is_terminal else _PLAIN_COLUMNS)
    for line in _table_lines(console, shown):
        console.print(line, soft_wrap=True)
    for sentence in _troubles(collected):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    for name, place in places.items():
        console.print(f"{name:8} {place}", markup=False, highlight=False, soft_wrap=True)


def _table_lines(console: Console, shown: Sequence[Stored]) -> Iterator[Text]:
    """Lay the table out in lines without blanks at their ends; a column for each date as long as they fit."""
    if not shown:
        return
    titles = _titles([item.date for item in shown], console.width)
    table = Table(box=box.SIMPLE, pad_edge=True)
    table.add_column("measurement", no_wrap=True)
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    for name, numbers in _rows(shown):
        cells = numbers if len(titles) == len(numbers) else [sum(numbers)]
        table.add_row(name, *(f"{count:,}" if count else "-" for count in cells))
    for segments in console.render_lines(
        table, console.options.update(width=max(console.width, _LEAST_COLUMNS)), pad=False
    ):
        line = Text.assemble(*((segment.text, segment.style or "") for segment in segments))
        line.rstrip()
        yield line


def _titles(dates: Sequence[dt.date], width: int) -> list[str]:
    """Name the columns of counts: a date each, shorter where space is, or one for all of them."""
    left = width - _NAME_COLUMNS
    year = {date.year for date in dates}
    for form in ("%Y-%m-%d", "%m-%d") if len(year) == 1 else ("%Y-%m-%d",):
        titles = [date.strftime(form) for date in dates]
        if len(dates) <= _MOST_COLUMNS and sum(max(len(title), _COUNT_CHARS) + 3 for title in titles) <= left:
            return titles
    return [f"{len(dates)} dates"]


def _rows(shown: Sequence[Stored]) -> Iterator[tuple[str, list[int]]]:
    counted = [counts(item) for item in shown]
    for name in sorted({name for row in counted for name in row}, key=lambda name: ORDER.get(name, 99)):
        yield name, [row.get(name, 0) for row in counted]


def _troubles(collected: Collected) -> Iterator[str]:
    """Say once what could not be had, however many streams and dates it befell, and what to do."""
    end = collected.ended_by
    for (outcome, reason, dates), streams in _failures(collected.asked).items():
        if end is None or reason != end.message:
            yield f"{_listed(dates)} {', '.join(streams)}: {outcome.value}: {reason}"
    for (where, sentence), waiting in _waiting(collected.stored).items():
        yield f"{_listed(waiting)}: {where}: {sentence}"
    if collected.held is not None and any(item.error is not None for item in collected.stored):
        yield f"waiting  {_held(collected.held)}"
    if end is not None:
        yield f"ended early: {_sentence(end)}"
    elif exit_code(collected) == _AWAY:
        yield "nothing was answered: see whether this machine is online and base_url is right, then run it again"


def _failures(asked: Sequence[Asked]) -> dict[tuple[Outcome, str, tuple[dt.date, ...]], list[str]]:
    """Group the streams that failed in the same way on the same dates."""
    dates: dict[tuple[str, Outcome, str], list[dt.date]] = {}
    for item in asked:
        if item.outcome in {Outcome.FAILED, Outcome.REFUSED}:
            dates.setdefault((item.stream, item.outcome, item.reason), []).append(item.date)
    groups: dict[tuple[Outcome, str, tuple[dt.date, ...]], list[str]] = {}
    for (stream, outcome, reason), befallen in sorted(dates.items(), key=lambda pair: pair[0][0]):
        groups.setdefault((outcome, reason, tuple(sorted(befallen))), []).append(stream)
    return groups


def _waiting(stored: Sequence[Stored]) -> dict[tuple[str, str], list[dt.date]]:
    """Group the dates that wait for the same reason, by how far they came."""
    groups: dict[tuple[str, str], list[dt.date]] = {}
    for item in stored:
        if item.error is not None:
            where = "not stored" if item.day is None else "in the tables, not in the archive yet"
            groups.setdefault((where, _sentence(item.error)), []).append(item.date)
    return groups


def _held(held: Held) -> str:
    size_kb = -(-held.size_bytes // 1000)
    return f"{held.pieces} answers, {size_kb:,} kB, the oldest since {held.oldest:%Y-%m-%d %H:%M} UTC"


def _listed(dates: Sequence[dt.date]) -> str:
    """Name dates in short: one, a range without gaps, or the first and how many more."""
    first, last = dates[0], dates[-1]
    if len(dates) == 1:
        return str(first)
    return f"{first}..{last}" if (last - first).days + 1 == len(dates) else f"{first} and {len(dates) - 1} more"


def _sentence(err: CromwelldError) -> str:
    return f"{err.message}; {err.hint}" if err.hint else err.message


def as_json(collected: Collected, places: dict[str, str]) -> None:
    """Print everything that `print_collected` says, and each stream's outcome, as one JSON object."""
    click.echo(json.dumps(document(collected, places), indent=2))
