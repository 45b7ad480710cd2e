"""Small days built by hand, for the rooms that keep them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pyarrow as pa

from cromwelld.day import Day, encode, table
from cromwelld.measurements import describe
from cromwelld.pieces import Answer, Outcome

DATE = dt.date(2025, 10, 8)
ZONE = "Europe/Berlin"
FITBIT, GOOGLE = "fitbit_web", "google_health"

Values = Sequence[float | str | None]


def at(text: str) -> dt.datetime:
    """Read an instant: "10:05" is that UTC time on the date, anything longer is ISO 8601 without offset, in UTC."""
    if len(text) == len("10:05"):
        text = f"{DATE.isoformat()}T{text}:00"
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def rows(name: str, times: Sequence[str], **columns: Values) -> pa.Table:
    """Build a table; `tag_...` and `field_...` name columns, each with a value for every row."""
    filled: dict[str, Sequence[object]] = {"time": [at(time) for time in times], **columns}
    return table(describe(name), filled)


def heart(times: Sequence[str], *, device: str | None = None, value: float = 72.0) -> pa.Table:
    """Build heart-rate samples of one value."""
    return rows("HeartRate_Intraday", times, tag_Device=[device] * len(times), field_value=[value] * len(times))


def minutes(first: int, count: int) -> list[str]:
    """Name `count` minutes of the date's UTC day, from minute `first`."""
    return [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(first, first + count)]


def daily(name: str, value: float, *, field: str = "value", device: str | None = None) -> pa.Table:
    """Build one daily value, stamped at noon of Berlin's summer."""
    return rows(name, ["10:00"], tag_Device=[device], **{f"field_{field}": [value]})


def answer(
    stream: str,
    tables: Mapping[str, pa.Table],
    *,
    source: str = FITBIT,
    outcome: Outcome | None = None,
    device: str = "",
) -> Answer:
    """Build an answer; its outcome follows from its rows unless it is given."""
    held = sum(part.num_rows for part in tables.values())
    return Answer(
        stream=stream,
        date=DATE,
        outcome=outcome or (Outcome.OK if held else Outcome.EMPTY),
        tables=dict(tables),
        source=source,
        zone=ZONE,
        device=device,
        measurements=tuple(tables),
    )


def day(tables: Mapping[str, pa.Table] | None = None, asked: Mapping[str, str] | None = None) -> Day:
    """Build a date in Berlin, where local noon was 10:00 UTC."""
    return Day(date=DATE, zone=ZONE, tables=dict(tables or {}), asked=dict(asked or {}))


def text(of: Day) -> bytes:
    """Give the uncompressed bytes of a date's object."""
    return b"".join(encode(of))
