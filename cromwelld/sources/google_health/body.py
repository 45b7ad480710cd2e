"""Weighings, with the body-mass index that a known height gives, and body fat."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from cromwelld.sources.google_health.datatypes import BODY_FAT, HEIGHT, WEIGHT, DataType
from cromwelld.sources.google_health.origin import source
from cromwelld.sources.google_health.page import of_type, payload
from cromwelld.sources.google_health.values import moment, positive, sampled_on
from cromwelld.sources.parsed import Asked, Parsed, Row, Rows
from cromwelld.sources.values import Object, member

_SHORTEST_MM, _TALLEST_MM = 100.0, 3000.0

_Heights = Sequence[tuple[dt.datetime, float]]
_Fields = Callable[[Object, dt.datetime], Row]


def weight(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read every weighing of the dates asked; the pages also hold the heights, of whatever date.

    The height is the latest one known at the weighing, else the earliest after it; without any the index is absent.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-types
    """
    rows = Rows()
    heights: list[tuple[dt.datetime, float]] = []

    def measure(record: Object) -> tuple[()]:
        value = payload(record, HEIGHT.key)
        millimeters = positive(value, "heightMillimeters")
        if millimeters is None:
            return ()
        if not _SHORTEST_MM <= millimeters <= _TALLEST_MM:
            raise ValueError("a height that cannot be")
        heights.append((_sampled_at(value), millimeters))
        return ()

    def fields(value: Object, time: dt.datetime) -> Row:
        grams = positive(value, "weightGrams")
        if grams is None:
            raise ValueError("no weight")
        kilograms = grams / 1000
        return {"field_weight_kg": kilograms, "field_bmiDerived": _bmi(kilograms, _height_at(time, heights))}

    rows.each((one for one in of_type(pages, HEIGHT.key) if isinstance(one, dict)), measure)
    heights.sort()
    return _weighings(rows, (pages, asked), (WEIGHT, "Weight"), fields)


def body_fat(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read every body fat of the dates asked.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-types
    """

    def fields(value: Object, _time: dt.datetime) -> Row:
        percentage = positive(value, "percentage")
        if percentage is None:
            raise ValueError("no body fat")
        return {"field_value": percentage}

    return _weighings(Rows(), (pages, asked), (BODY_FAT, "BodyFat"), fields)


def _weighings(
    rows: Rows, answer: tuple[Sequence[bytes], Asked], what: tuple[DataType, str], fields: _Fields
) -> Parsed:
    """Read what a scale tells, each on the person's civil date of its moment, which is cut to the second."""
    (pages, asked), (data_type, measurement) = answer, what

    def read(record: Object) -> Iterator[tuple[dt.date, str, Row]]:
        value = payload(record, data_type.key)
        on = sampled_on(member(value, "sampleTime"))
        if asked.zone_of(on) is not None:
            time = _sampled_at(value)
            yield on, measurement, {"time": time, "tag_Source": source(record), **fields(value, time)}

    rows.each(of_type(pages, data_type.key), read)
    return rows.parsed()


def _sampled_at(value: Object) -> dt.datetime:
    return moment(member(value, "sampleTime"), "physicalTime").replace(microsecond=0)


def _height_at(time: dt.datetime, heights: _Heights) -> float | None:
    """Choose from heights in order of time."""
    known = [millimeters for when, millimeters in heights if when <= time]
    return known[-1] if known else next((millimeters for _, millimeters in heights), None)


def _bmi(kilograms: float, millimeters: float | None) -> float | None:
    return None if millimeters is None else round(kilograms / (millimeters / 1000) ** 2, 2)
