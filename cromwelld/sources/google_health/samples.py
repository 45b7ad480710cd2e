"""Samples through a day and a night: heart rate, oxygen saturation, heart-rate variability."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day import table
from cromwelld.measurements import MEASUREMENTS, TIME
from cromwelld.sources.google_health.columns import DEVICE, Kind, Leaf, Shape, read, where
from cromwelld.sources.google_health.datatypes import HEART_RATE, HEART_RATE_VARIABILITY, OXYGEN_SATURATION, DataType
from cromwelld.sources.google_health.moments import SAMPLED, by_date, dated
from cromwelld.sources.parsed import Asked, Parsed

_SECOND_US = 1_000_000
_BAD = "not a sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sample:
    """What becomes of one type: its measurement, the vendor's member for each field, and what a value can be.

    A value is above `above` and at most `most`. One that is not above is absent: a sentinel, or, if `counted`, bad.
    """

    measurement: str
    data_type: DataType
    fields: Mapping[str, str]
    kind: Kind = Kind.NUMBER
    above: float = 0.0
    most: float
    counted: bool = False

    @property
    def shape(self) -> Shape:
        key = self.data_type.key
        leaves = {field: Leaf((key, name), self.kind) for field, name in self.fields.items()}
        return Shape(key=key, leaves=SAMPLED.leaves(key) | {"device": DEVICE} | leaves)


_HEART_RATE = _Sample(
    measurement="HeartRate_Intraday",
    data_type=HEART_RATE,
    fields={"value": "beatsPerMinute"},
    kind=Kind.WHOLE,
    most=1000.0,
    counted=True,
)
_OXYGEN = _Sample(
    measurement="SPO2_Intraday",
    data_type=OXYGEN_SATURATION,
    fields={"value": "percentage"},
    above=50.0,  # what Fitbit's devices write where they could not measure
    most=100.0,
)
_VARIABILITY = _Sample(
    measurement="HRV_Intraday",
    data_type=HEART_RATE_VARIABILITY,
    fields={
        "rmssd": "rootMeanSquareOfSuccessiveDifferencesMilliseconds",
        "standardDeviation": "standardDeviationMilliseconds",
    },
    most=1e5,
)


def heart_rate(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read heart rate (bpm), one sample a second; values that are not above zero are absent.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-types/vitals
    """
    return _samples(pages, asked, _HEART_RATE)


def oxygen_saturation(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read the oxygen saturation of a night (%); 50 and less means that there was no reading.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-types/vitals
    """
    return _samples(pages, asked, _OXYGEN)


def variability(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read the heart-rate variability of a night (ms).

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-types/vitals
    """
    return _samples(pages, asked, _VARIABILITY)


def _samples(pages: Sequence[bytes], asked: Asked, sample: _Sample) -> Parsed:
    found = read(pages, sample.shape)
    rows, rejected = dated(found.rows).drop_columns(["offset"]), found.rejected
    sound = pc.and_(pc.is_valid(rows["time"]), pc.is_valid(rows["date"]))
    rejected[_BAD] += rows.num_rows - pc.sum(sound).as_py() if rows.num_rows else 0
    tables: dict[tuple[dt.date, str], pa.Table] = {}
    for date, samples in by_date(where(rows, sound), asked):
        values, bad = _values(samples, sample)
        rejected[_BAD] += bad
        if values.num_rows:
            tables[date, sample.measurement] = _table(values, sample)
    return Parsed(tables=tables, rejected={reason: count for reason, count in rejected.items() if count})


def _values(rows: pa.Table, sample: _Sample) -> tuple[pa.Table, int]:
    """Give the rows that have a value at all, what cannot be one made null, and count the rows with a bad one."""
    bad = any_value = pa.repeat(pa.scalar(value=False), rows.num_rows)
    for field in sample.fields:
        values = rows[field].combine_chunks()
        above, most = pc.greater(values, sample.above), pc.less_equal(values, sample.most)
        good = pc.fill_null(pc.and_(above, most), fill_value=False)
        wrong = pc.and_(pc.is_finite(values), pc.invert(good if sample.counted else most))
        bad, any_value = pc.or_(bad, pc.fill_null(wrong, fill_value=False)), pc.or_(any_value, good)
        rows = rows.set_column(rows.schema.get_field_index(field), field, pc.if_else(good, values, None))
    return where(rows, any_value), pc.sum(bad).as_py() or 0


def _table(rows: pa.Table, sample: _Sample) -> pa.Table:
    """Cut times to the second; of two samples in one second the later stays, of two at one instant the last sent."""
    if rows.num_rows > 1:
        rows = rows.take(pc.sort_indices(rows, sort_keys=[("time", "ascending")]))
    micros = pc.cast(rows["time"], pa.int64())
    seconds = pc.cast(pc.multiply(pc.divide(micros, _SECOND_US), _SECOND_US), TIME)
    fields = {f"field_{field}": rows[field] for field in sample.fields}
    return table(MEASUREMENTS[sample.measurement], {"time": seconds, "tag_Device": rows["device"], **fields})
