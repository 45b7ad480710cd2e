"""What a collection did, as a table for people or as JSON for programs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import click
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cromwelld.jobs.reporting import document_of
from cromwelld.jobs.summary import AWAY, DateSummary, StreamSummary, Summary, Trouble, Waiting
from cromwelld.measurements import ORDER
from cromwelld.pieces import Outcome

_MOST_COLUMNS = 7
_PLAIN_COLUMNS = 120  # where nobody says how wide the page is
_NAME_COLUMNS = 31  # the longest name of a measurement, and the blanks around it
_LEAST_COLUMNS = 50  # a narrower terminal breaks the lines itself
_ONE_LINE = 1000
_COUNT_CHARS = 6  # 31,000


@contextmanager
def progress(total: int, what: str, *, quiet: bool) -> Iterator[Callable[[object], None]]:
    """Show a bar with what is left on a terminal, nothing elsewhere; call what it gives for each step."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    with Progress(*_columns(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda _: bar.advance(task)


@contextmanager
def counting(what: str, *, quiet: bool) -> Iterator[Callable[[object], None]]:
    """Show how many steps are done on a terminal, where nobody knows how many there are; nothing elsewhere."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed:,.0f}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda _: bar.advance(task)


def _columns() -> tuple[ProgressColumn, ...]:
    return (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())


@contextmanager
def advancing(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar on a terminal, to be told how much is done of how much; None elsewhere."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    with Progress(*_columns(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_collected(summary: Summary, dates: Sequence[dt.date], places: dict[str, str]) -> None:
    """Print measurements and counts by date, what could not be had, and where things lie."""
    shown = {date: summary.dates[date].records for date in dates if _is_stored(summary.dates.get(date))}
    console = Console(width=None if Console().is_terminal else _PLAIN_COLUMNS)
    for line in _table_lines(console, shown):
        console.print(line, soft_wrap=True)
    for sentence in _troubles(summary):
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)
    for name, place in places.items():
        console.print(f"{name:8} {place}", markup=False, highlight=False, soft_wrap=True)


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under titles; on a terminal in its width, elsewhere each row on one line."""
    console = Console(width=None if Console().is_terminal else _ONE_LINE)
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    for line in _lines_of(console, table) if rows else ():
        console.print(line, soft_wrap=True)


def _is_stored(date: DateSummary | None) -> bool:
    return date is not None and date.state is not None


def _table_lines(console: Console, shown: Mapping[dt.date, Mapping[str, int]]) -> Iterator[Text]:
    """Lay the table out in lines without blanks at their ends; a column for each date as long as they fit."""
    if not shown:
        return
    titles = _titles(list(shown), console.width)
    table = Table(box=box.SIMPLE, pad_edge=True)
    table.add_column("measurement", no_wrap=True)
    for title in titles:
        table.add_column(title, justify="right", no_wrap=True)
    for name, numbers in _rows(list(shown.values())):
        cells = numbers if len(titles) == len(numbers) else [sum(numbers)]
        table.add_row(name, *(f"{count:,}" if count else "-" for count in cells))
    yield from _lines_of(console, table)


def _lines_of(console: Console, table: Table) -> Iterator[Text]:
    """Lay a table out in lines without blanks at their ends."""
    options = console.options.update(width=max(console.width, _LEAST_COLUMNS))
    for segments in console.render_lines(table, options, pad=False):
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


def _rows(counted: Sequence[Mapping[str, int]]) -> Iterator[tuple[str, list[int]]]:
    for name in sorted({name for counts in counted for name in counts}, key=lambda name: ORDER.get(name, 99)):
        yield name, [counts.get(name, 0) for counts in counted]


def _troubles(summary: Summary) -> Iterator[str]:
    """Say once what could not be had, however many streams and dates it befell, and what to do."""
    end = summary.ended_by
    for (outcome, reason, dates), streams in _failures(summary.lacking).items():
        if end is None or reason != end.message:
            yield f"{listed(dates)} {', '.join(streams)}: {outcome.value}: {reason}"
    for (where, sentence), waiting in _waiting(summary.dates).items():
        yield f"{listed(waiting)}: {where}: {sentence}"
    if summary.waiting is not None and any(date.error is not None for date in summary.dates.values()):
        yield f"waiting  {_held(summary.waiting)}"
    if end is not None:
        yield f"ended early: {_sentence(end)}"
    elif summary.exit_code == AWAY:
        yield "nothing was answered: see whether this machine is online and base_url is right, then run it again"


def _failures(lacking: Sequence[StreamSummary]) -> dict[tuple[Outcome, str, tuple[dt.date, ...]], list[str]]:
    """Group the streams that failed in the same way on the same dates."""
    dates: dict[tuple[str, Outcome, str], list[dt.date]] = {}
    for item in lacking:
        dates.setdefault((item.stream, item.outcome, item.reason), []).append(item.date)
    groups: dict[tuple[Outcome, str, tuple[dt.date, ...]], list[str]] = {}
    for (stream, outcome, reason), befallen in sorted(dates.items(), key=lambda pair: pair[0][0]):
        groups.setdefault((outcome, reason, tuple(sorted(befallen))), []).append(stream)
    return groups


def _waiting(dates: Mapping[dt.date, DateSummary]) -> dict[tuple[str, str], list[dt.date]]:
    """Group the dates that wait for the same reason, by how far they came."""
    groups: dict[tuple[str, str], list[dt.date]] = {}
    for date, item in dates.items():
        if item.error is not None:
            where = "not stored" if item.state is None else "in the tables, not in the archive yet"
            groups.setdefault((where, _sentence(item.error)), []).append(date)
    return groups


def _held(waiting: Waiting) -> str:
    size_kb = -(-waiting.bytes // 1000)
    return f"{waiting.answers} answers, {size_kb:,} kB, the oldest since {waiting.oldest:%Y-%m-%d %H:%M} UTC"


def listed(dates: Sequence[dt.date]) -> str:
    """Name dates in short: one, a range without gaps, or the first and how many more."""
    first, last = dates[0], dates[-1]
    if len(dates) == 1:
        return str(first)
    return f"{first}..{last}" if (last - first).days + 1 == len(dates) else f"{first} and {len(dates) - 1} more"


def _sentence(err: Trouble) -> str:
    return f"{err.message}; {err.hint}" if err.hint else err.message


def as_json(summary: Summary, places: dict[str, str]) -> None:
    """Print everything that `print_collected` says, and each stream's outcome, as one JSON object."""
    click.echo(json.dumps(document_of(summary, places), indent=2))
