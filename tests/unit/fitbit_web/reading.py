"""How these tests ask the parsers, and how they look at what comes back."""

from __future__ import annotations

import datetime as dt

from cromwelld.measurements import MEASUREMENTS
from cromwelld.sources.fitbit_web.endpoints import ENDPOINTS
from cromwelld.sources.parsed import Asked, Parsed

BERLIN = "Europe/Berlin"
Plain = dict[str, str | float]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def asked(first: str = "2009-01-01", last: str | None = None, *, zone: str | None = BERLIN) -> Asked:
    """Ask for one date, for a range, or by default for all time."""
    end = last or ("2100-12-31" if first == "2009-01-01" else first)
    return Asked(first=day(first), last=day(end), zone=lambda _: zone)


def read(stream: str, body: bytes, about: Asked | None = None) -> Parsed:
    return ENDPOINTS[stream].parse(body, about or asked())


def rows(parsed: Parsed, date: str, measurement: str) -> list[Plain]:
    """Give the rows of a table with plain column names, times as UTC text, and without what is absent."""
    table = parsed.tables.get((day(date), measurement))
    return [] if table is None else [_plain(row) for row in table.to_pylist()]


def _plain(row: dict[str, object]) -> Plain:
    found: Plain = {}
    for name, value in row.items():
        if isinstance(value, dt.datetime):
            found[name] = value.isoformat().replace("+00:00", "Z")
        elif isinstance(value, (str, float)):
            found[name.removeprefix("tag_").removeprefix("field_")] = value
    return found


def counts(parsed: Parsed) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, measurement), table in parsed.tables.items():
        found[measurement] = found.get(measurement, 0) + table.num_rows
    return found


def assert_in_contract(parsed: Parsed, about: Asked) -> None:
    """Check what must hold whatever was sent: dates that were asked, catalogue columns, numbers that are numbers."""
    for (date, measurement), table in parsed.tables.items():
        assert about.first <= date <= about.last
        schema = MEASUREMENTS[measurement].schema
        assert table.schema.names[: len(schema)] == schema.names
        assert [field.type for field in table.schema][: len(schema)] == [field.type for field in schema]
        extra = table.schema.names[len(schema) :]
        assert not extra or MEASUREMENTS[measurement].open_fields
        assert table.num_rows > 0
        assert table["time"].null_count == 0
        for row in table.to_pylist():
            assert 2008 <= row["time"].year <= 2101
            numbers = [value for value in row.values() if isinstance(value, float)]
            assert all(abs(number) < float("inf") for number in numbers)
