"""Times of an export that bear their offset, by hand."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from cromwelld.sources.takeout.times import zoned

NOON = "2025-10-01T12:01:00"


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ([f"{NOON}Z", f"{NOON}.25Z"], [at(NOON), at(f"{NOON}.250000")]),
        ([f"{NOON}+02:00", f"{NOON}-0730"], [at("2025-10-01T10:01:00"), at("2025-10-01T19:31:00")]),
        ([f"{NOON}Z", None], [at(NOON), None]),
        ([f"{NOON}Z", NOON, "2025-10-01", "noon", f"{NOON}ZZ", "2025-02-30T12:00:00Z"], [at(NOON), *[None] * 5]),
        ([NOON], [None]),
    ],
    ids=["utc", "offsets", "absent", "one without", "none"],
)
def test_only_times_with_an_offset_are_read(written: list[str | None], read: list[dt.datetime | None]) -> None:
    assert zoned(pa.array(written, pa.string())).to_pylist() == read
