"""A few records are built the short way, and are what the long way makes of them, to the byte."""

from __future__ import annotations

import datetime as dt
import math

import hypothesis
import pyarrow as pa
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from cromwelld.day import normal, table
from cromwelld.measurements import MEASUREMENTS, Measurement

AT = dt.datetime(2025, 10, 6, 12, tzinfo=dt.UTC)


def some(measurement: Measurement, *, given: int) -> dict[str, object]:
    """Give a record in which each column but every `given`th has a value."""
    columns = [name for name in measurement.schema.names if name != "time"]
    told = [name for number, name in enumerate(columns) if number % given]
    values = {name: "x" if pa.types.is_string(measurement.schema.field(name).type) else 1.5 for name in told}
    return {"time": AT, **values}


def stream(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    return bytes(sink.getvalue())


@pytest.mark.parametrize("given", [1, 2, 3, 100])
def test_one_record_is_what_a_table_of_arrays_is(given: int) -> None:
    for measurement in MEASUREMENTS.values():
        check(measurement, [some(measurement, given=given)])


@settings(max_examples=200)
@hypothesis.given(data=st.data())
def test_a_few_records_are_what_a_table_of_arrays_is(data: st.DataObject) -> None:
    measurement = data.draw(st.sampled_from(list(MEASUREMENTS.values())))
    check(measurement, data.draw(st.lists(records(measurement), max_size=12)))


def records(measurement: Measurement) -> st.SearchStrategy[dict[str, object]]:
    """Give records whose keys come twice now and then, in any order; text is not what ASCII sorts alone."""
    times = st.integers(0, 3).map(lambda minutes: AT + dt.timedelta(minutes=minutes))
    texts = st.sampled_from([None, "", "b", "B", "ä", "\U0001f600", "\uffff"])
    numbers = st.sampled_from([None, 0.0, -1.5, 7])
    kinds = {field.name: texts if pa.types.is_string(field.type) else numbers for field in measurement.schema}
    return st.fixed_dictionaries({**kinds, "time": times})


def check(measurement: Measurement, rows: list[dict[str, object]]) -> None:
    """Compare what is built of plain records with the normal form of arrays."""
    names = measurement.schema.names
    arrays = [pa.array([row.get(field.name) for row in rows], field.type) for field in measurement.schema]
    long = normal(measurement, pa.table(arrays, names=names))
    short = table(measurement, {name: [row.get(name) for row in rows] for name in names})
    assert short.equals(long)
    assert stream(short) == stream(long)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_left_out_of_one_record_too(value: float) -> None:
    steps = MEASUREMENTS["Activity-steps"]
    assert table(steps, {"time": [AT], "field_value": [value]})["field_value"].to_pylist() == [None]


def test_a_column_that_the_catalogue_does_not_know_is_kept_with_one_record_too() -> None:
    told = table(MEASUREMENTS["Activity-steps"], {"time": [AT], "field_value": [7], "field_mood": ["calm"]})
    assert told.to_pylist() == [{"time": AT, "tag_Device": None, "field_value": 7.0, "field_mood": "calm"}]
