"""What a kind of file in an export is: the names it has, how it is written, what its columns become."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

DATED = r"(?:[ _-]*-?[ _]*\(?\d{4}-\d{2}-\(?\d{2}\)?(?:-\d{4}-\d{2}-\d{2})?)?"


class Clock(Enum):
    """How the times of a file are to be read."""

    UTC = "UTC, as it says"
    LOCAL = "the person's clock"
    MEASURED = "not said: found by comparing with a copy in UTC"
    DATE = "a civil date"


class Shape(Enum):
    """How a file is written."""

    CSV = "rows below a line of names"
    SERIES = "a JSON array of dateTime and value"
    RECORDS = "a JSON array of records of their own kind"
    TRACK = "TCX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What the columns of a file become.

    `when` is the column of times, perhaps with that of their ends. `numbers` and `texts` map a file's names to ours; a
    file lacking one of `needed` is refused. `passed_over` are known and not kept.
    """

    when: tuple[str, ...] = ("timestamp",)
    numbers: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    needed: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One kind of file: the pattern of its names, its shape, its columns.

    A `padded` family has placeholder days after the day of the export; in a `nested` one each value is an object.
    """

    name: str
    pattern: re.Pattern[str]
    shape: Shape
    clock: Clock
    columns: Columns = Columns()
    padded: bool = False
    nested: bool = False


def named(stem: str, ending: str) -> re.Pattern[str]:
    """Write the pattern of file names that begin with `stem` and perhaps bear dates."""
    return re.compile(rf"{stem}{DATED}\.{ending}", re.IGNORECASE)


def telemetry(name: str, numbers: Mapping[str, str], *, texts: Mapping[str, str] | None = None) -> Family:
    """Describe one of Google's CSV copies: UTC, with the recorder of each row."""
    columns = Columns(
        numbers=numbers, texts={"data source": "recorder", **(texts or {})}, needed=tuple(sorted(set(numbers.values())))
    )
    return topic(name, name, Clock.UTC, columns)


def daily(
    name: str,
    numbers: Mapping[str, str],
    needed: str,
    *,
    texts: Mapping[str, str] | None = None,
    passed_over: tuple[str, ...] = (),
) -> Family:
    """Describe one of Google's daily CSVs, in which midnight UTC means the civil date."""
    columns = Columns(
        numbers=numbers,
        texts={"data source": "recorder", **(texts or {})},
        needed=(needed,),
        passed_over=passed_over,
    )
    return topic(name, name, Clock.DATE, columns)


def topic(name: str, stem: str, clock: Clock, columns: Columns) -> Family:
    """Describe a CSV whose names begin with `stem`."""
    return Family(name=name, pattern=named(stem, "csv"), shape=Shape.CSV, clock=clock, columns=columns)


def series(name: str, stem: str, clock: Clock, members: tuple[str, ...] = (), *, padded: bool = False) -> Family:
    """Describe an array of values by time; `members` are the numbers of a value that is an object."""
    return Family(
        name=name,
        pattern=re.compile(rf"{stem}-\d{{4}}-\d{{2}}-\d{{2}}\.json", re.IGNORECASE),
        shape=Shape.SERIES,
        clock=clock,
        columns=Columns(when=("dateTime",), numbers={member: member for member in members} or {"value": "value"}),
        padded=padded,
        nested=bool(members),
    )


def records(name: str, pattern: str, when: tuple[str, ...], clock: Clock) -> Family:
    """Describe an array of records of their own kind, which bear their time under `when`."""
    return Family(
        name=name,
        pattern=re.compile(pattern, re.IGNORECASE),
        shape=Shape.RECORDS,
        clock=clock,
        columns=Columns(when=when),
    )
