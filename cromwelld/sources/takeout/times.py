"""Times as an export writes them, without a zone: UTC where they say so, else as the clock showed."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc

NAIVE, _UTC = pa.timestamp("us"), pa.timestamp("us", "UTC")
_AMERICAN = "%m/%d/%y %H:%M:%S"
_MIDNIGHT_OR_NOON = ("00:00:00", "12:00:00")


def zoned(values: pa.Array) -> pa.Array:
    """Read times that bear their offset, as UTC; others are null."""
    try:
        return pc.cast(pc.cast(values, _UTC), NAIVE)
    except pa.ArrowInvalid:  # some value has no offset, or is no time
        return pa.array([_one(value, offset=True) for value in values.to_pylist()], NAIVE)


def plain(values: pa.Array) -> pa.Array:
    """Read times as they are written, an offset passed over; what is no time is null."""
    fast = _cast(pc.utf8_rtrim(values, "Z"))
    return fast if fast is not None else pa.array([_one(value, offset=False) for value in values.to_pylist()], NAIVE)


def american(values: pa.Array) -> pa.Array:
    """Read `MM/DD/YY HH:MM:SS`; what is no such time is null."""
    return pc.strptime(values, format=_AMERICAN, unit="us", error_is_null=True)


def is_instant(values: pa.Array) -> pa.Array:
    """Tell which times of a daily file are instants: in UTC, and neither midnight nor noon, which mean a date."""
    clock = pc.utf8_slice_codeunits(values, 11, 19)
    return pc.fill_null(
        pc.and_(pc.ends_with(values, "Z"), pc.invert(pc.is_in(clock, pa.array(_MIDNIGHT_OR_NOON)))), fill_value=False
    )


def one(text: str) -> dt.datetime | None:
    """Read one time in either way of writing, without its offset; None if it is none."""
    try:
        return dt.datetime.strptime(text, _AMERICAN)  # noqa: DTZ007 - the zone is found later
    except ValueError:
        return _one(text, offset=False)


def _cast(values: pa.Array) -> pa.Array | None:
    try:
        return pc.cast(values, NAIVE)
    except pa.ArrowInvalid:
        return None


def _one(value: str | None, *, offset: bool) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(value or "")
    except ValueError:
        return None
    if offset:
        return None if found.tzinfo is None else found.astimezone(dt.UTC).replace(tzinfo=None)
    return found.replace(tzinfo=None)
