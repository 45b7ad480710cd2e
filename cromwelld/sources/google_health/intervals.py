"""Minutes of a day: steps, an even grid of them where the minutes are uneven, active zone minutes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day import table
from cromwelld.measurements import MEASUREMENTS, TIME
from cromwelld.sources.google_health.columns import DEVICE, Kind, Leaf, Shape, read
from cromwelld.sources.google_health.datatypes import ACTIVE_ZONE_MINUTES, STEPS
from cromwelld.sources.google_health.moments import STARTED, by_date, dated, days, instants, offsets
from cromwelld.sources.google_health.page import ROLLUPS
from cromwelld.sources.parsed import Asked, Parsed, Tables

_MINUTE_US = 60_000_000
_MINUTE = dt.timedelta(minutes=1)
_DAY = dt.timedelta(days=1)
_A_DAY = np.timedelta64(1, "D")
_MOST = 100_000.0
_LONGEST_WORD = 200
_TICK = dt.timedelta(microseconds=1)
_STEPS, _ZONE_MINUTES = "Steps_Intraday", "ActiveZoneMinutes_Intraday"


def _shape(key: str, **leaves: Leaf) -> Shape:
    interval = (key, "interval")
    end = {"end": Leaf((*interval, "endTime"), Kind.TEXT), "end_offset": Leaf((*interval, "endUtcOffset"), Kind.TEXT)}
    return Shape(key=key, leaves=STARTED.leaves(key) | end | {"device": DEVICE} | leaves)


_STEP_RECORDS = _shape(STEPS.key, value=Leaf((STEPS.key, "count"), Kind.WHOLE))
_ZONE_RECORDS = _shape(
    ACTIVE_ZONE_MINUTES.key,
    value=Leaf((ACTIVE_ZONE_MINUTES.key, "activeZoneMinutes"), Kind.WHOLE),
    zone=Leaf((ACTIVE_ZONE_MINUTES.key, "heartRateZone"), Kind.TEXT),
)
_WINDOWS = Shape(
    key=STEPS.key,
    leaves={
        "time": Leaf(("startTime",), Kind.TEXT),
        "value": Leaf((STEPS.key, "countSum"), Kind.WHOLE),
    },
    points=ROLLUPS,
)


def steps(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read the steps of each minute; a minute without a count was worn and still: zero.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-presence-and-true-zeros
    """
    rows, rejected = _minutes(pages, _STEP_RECORDS, asked)
    counts, bad = _plausible(_true_zeros(rows))
    rejected["not a count"] += bad
    tables = {
        (date, _STEPS): _table(_STEPS, found, tag_Device=found["device"]) for date, found in by_date(counts, asked)
    }
    return _parsed(tables, rejected)


def zone_minutes(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read the minutes that earned points in a heart-rate zone; the zone is the vendor's word, also one not known here.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-types
    """
    rows, rejected = _minutes(pages, _ZONE_RECORDS, asked)
    length = pc.utf8_length(rows["zone"])
    named = pc.fill_null(pc.and_(pc.greater(length, 0), pc.less_equal(length, _LONGEST_WORD)), fill_value=False)
    rejected["no heart-rate zone"] += _others(named)
    points, bad = _plausible(rows.filter(named))
    rejected["not a count"] += bad
    tables = {
        (date, _ZONE_MINUTES): _table(_ZONE_MINUTES, found, tag_Device=found["device"], tag_HeartRateZone=found["zone"])
        for date, found in by_date(points, asked)
    }
    return _parsed(tables, rejected)


def grid(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read windows of one minute: one that has steps at all is a minute, perhaps of zero; the others were not worn.

    Of the windows, only those that meet a record of the first date asked are of that date: where a wearer crosses the
    date line backwards, another date lies in between. `pages` hold the records and the windows.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/endpoints
    """
    found = read(pages, _WINDOWS)
    times = instants(found.rows["time"].combine_chunks())
    near = pa.array(np.abs(days(times) - np.datetime64(asked.first)) <= _A_DAY)
    own = _meets(times, _own(pages, asked.first))
    rejected = found.rejected
    rejected["no time"] += _others(near)
    rows = found.rows.drop_columns(["time"]).append_column("time", times)
    counts, bad = _plausible(_true_zeros(rows.filter(pc.and_(near, own))))
    rejected["not a count"] += bad
    known = counts.num_rows and asked.zone_of(asked.first) is not None
    return _parsed({(asked.first, _STEPS): _table(_STEPS, counts)} if known else {}, rejected)


def uneven(pages: Sequence[bytes], asked: Asked) -> tuple[dt.datetime, dt.datetime] | None:
    """Give the stretch (UTC) of the one date asked that must be asked as a grid; None if its intervals are minutes.

    It reaches from the minute of the first start to that of the last end, and never beyond the civil date.

    Raises: BadAnswer if a page is of another shape.
    """
    rows = _records_of(pages, asked.first)
    starts = pc.cast(rows["time"], pa.int64())
    minutes = pc.and_(pc.equal(_to_minute(starts), starts), pc.equal(rows["length"], _MINUTE_US))
    if pc.all(minutes).as_py() is not False:
        return None
    first, last = _outermost(rows, "time", "ascending"), _outermost(rows, "end", "descending")
    midnight = dt.datetime.combine(asked.first, dt.time(), tzinfo=dt.UTC)
    start = max(_floor(first["time"]), midnight - first["offset"])
    end = min(_floor(last["end"] + _MINUTE - _TICK), midnight + _DAY - last["end_offset"])
    return (start, end) if start < end else None


def _records_of(pages: Sequence[bytes], date: dt.date) -> pa.Table:
    """Give the records that pass on a date, be it only in part."""
    rows = _bounded(read(pages, _STEP_RECORDS).rows)
    rows = rows.drop_columns(["value", "device"]).drop_null()
    return rows.filter(pc.and_(_reaches_into(rows, date), pc.greater(rows["length"], 0)))


def _own(pages: Sequence[bytes], date: dt.date) -> pa.Table:
    """Give start and end (UTC microseconds) of the stretches of a date that its records cover, in order of their ends.

    What lies beyond the wearer's midnights, by each record's own offsets, is cut off.
    """
    rows = _records_of(pages, date)
    midnight = pa.scalar(dt.datetime.combine(date, dt.time(), tzinfo=dt.UTC))
    first = pc.subtract(midnight, rows["offset"])
    last = pc.subtract(pc.add(midnight, pa.scalar(_DAY)), rows["end_offset"])
    start = pc.max_element_wise(_micros(rows["time"]), _micros(first))
    end = pc.min_element_wise(_micros(rows["end"]), _micros(last))
    return pa.table({"start": start, "end": end}).sort_by("end")


def _micros(times: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(times, pa.int64())


def _meets(times: pa.Array, own: pa.Table) -> pa.Array:
    """Tell which minutes overlap one of the stretches."""
    starts, ends = own["start"].to_numpy(), own["end"].to_numpy()
    # Of the stretches that end behind a minute's start, the earliest start tells whether any has begun by its end.
    earliest = np.append(np.minimum.accumulate(starts[::-1])[::-1], np.iinfo(np.int64).max)
    micros = pc.fill_null(pc.cast(times, pa.int64()), 0).to_numpy(zero_copy_only=False)
    return pa.array(earliest[np.searchsorted(ends, micros, side="right")] < micros + _MINUTE_US)


def _reaches_into(rows: pa.Table, date: dt.date) -> pa.ChunkedArray:
    """Tell which intervals pass on a date, be it only their end."""
    last = pc.add(pc.subtract(rows["end"], pa.scalar(_TICK)), rows["end_offset"])
    ends = pc.greater_equal(pc.cast(last, pa.date32()), pa.scalar(date))
    return pc.and_(pc.less_equal(rows["date"], pa.scalar(date)), ends)


def _outermost(rows: pa.Table, column: str, order: str) -> dict[str, Any]:
    """Give the row that starts first, or ends last."""
    position = pc.sort_indices(rows, sort_keys=[(column, order)])[:1]
    row: dict[str, Any] = rows.select(["time", "offset", "end", "end_offset"]).take(position).to_pylist()[0]
    return row


def _floor(when: dt.datetime) -> dt.datetime:
    return when.replace(second=0, microsecond=0)


def _to_minute(micros: pa.Array) -> pa.Array:
    return pc.multiply(pc.divide(micros, _MINUTE_US), _MINUTE_US)


def _minutes(pages: Sequence[bytes], shape: Shape, asked: Asked) -> tuple[pa.Table, Counter[str]]:
    """Give the intervals of the dates asked that are minutes, or parts of one; the others are counted."""
    found = read(pages, shape)
    rows, rejected = _bounded(found.rows), found.rejected
    timed = pc.and_(pc.is_valid(rows["length"]), pc.is_valid(rows["date"]))
    rejected["no time"] += _others(timed)
    wanted = pc.and_(pc.greater_equal(rows["date"], asked.first), pc.less_equal(rows["date"], asked.last))
    rows = rows.filter(pc.and_(timed, pc.fill_null(wanted, fill_value=False)))
    short = pc.and_(pc.greater(rows["length"], 0), pc.less_equal(rows["length"], _MINUTE_US))
    rejected["not a minute"] += _others(short)
    return rows.filter(short), rejected


def _bounded(rows: pa.Table) -> pa.Table:
    """Read start, end, length (microseconds), offsets and civil date of intervals; null is what cannot be read."""
    rows = dated(rows)
    end = instants(rows["end"].combine_chunks())
    length = pc.cast(pc.subtract(end, rows["time"]), pa.int64())
    read_offsets = {name: offsets(rows[name].combine_chunks()) for name in ("offset", "end_offset")}
    columns = {name: rows[name] for name in rows.column_names} | {"end": end, "length": length} | read_offsets
    return pa.table(columns)


def _true_zeros(rows: pa.Table) -> pa.Table:
    """Put nought where the number was left out, as the wire leaves noughts out."""
    return rows.set_column(rows.schema.get_field_index("value"), "value", pc.fill_null(rows["value"], 0.0))


def _plausible(rows: pa.Table) -> tuple[pa.Table, int]:
    """Give the rows with a number that can be, and count those with one that cannot; NaN is absent."""
    rows = rows.filter(pc.is_finite(rows["value"]))
    good = pc.and_(pc.greater_equal(rows["value"], 0.0), pc.less_equal(rows["value"], _MOST))
    return rows.filter(good), _others(good)


def _others(wanted: pa.Array | pa.ChunkedArray) -> int:
    """Count where something is false."""
    return len(wanted) - (pc.sum(wanted).as_py() or 0)


def _table(measurement: str, rows: pa.Table, **tags: pa.ChunkedArray) -> pa.Table:
    times = pc.cast(_to_minute(pc.cast(rows["time"], pa.int64())), TIME)
    return table(MEASUREMENTS[measurement], {"time": times, "field_value": rows["value"], **tags})


def _parsed(tables: Tables, rejected: Counter[str]) -> Parsed:
    return Parsed(
        tables={place: rows for place, rows in tables.items() if rows.num_rows},
        rejected={reason: records for reason, records in rejected.items() if records},
    )
