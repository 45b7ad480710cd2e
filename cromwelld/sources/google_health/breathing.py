"""Breathing by stage of sleep, once a sleep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from cromwelld.sources.google_health.copies import fuller
from cromwelld.sources.google_health.datatypes import BREATHING_SUMMARY
from cromwelld.sources.google_health.origin import device
from cromwelld.sources.google_health.page import payload, records
from cromwelld.sources.google_health.values import amount, moment, positive, sampled_on
from cromwelld.sources.parsed import Asked, Parsed, Row, Rows
from cromwelld.sources.values import Object, member

_STAGES = {"deep": "deepSleepStats", "light": "lightSleepStats", "rem": "remSleepStats", "full": "fullSleepStats"}
_FURTHER = {"StandardDeviation": "standardDeviation", "SignalToNoise": "signalToNoise"}


def stages(pages: Sequence[bytes], asked: Asked) -> Parsed:
    """Read the breathing of every sleep that ended on the dates asked; of copies of one moment the fullest is kept.

    A rate of nought means that the stage was not computed: all that is said of it is absent then.

    Raises: BadAnswer if a page is of another shape.
    Source: https://developers.google.com/health/data-types/vitals
    """
    rows = Rows()
    found: dict[tuple[dt.date, dt.datetime], Row] = {}

    def read(record: Object) -> tuple[()]:
        value = payload(record, BREATHING_SUMMARY.key)
        sample_time = member(value, "sampleTime")
        on = sampled_on(sample_time)
        if asked.zone_of(on) is None:
            return ()
        time = moment(sample_time, "physicalTime").replace(microsecond=0)
        fields = _fields(value)
        if any(number is not None for number in fields.values()):
            row = {"time": time, "tag_Device": device(record), **fields}
            found[on, time] = fuller(row, found.get((on, time)))
        return ()

    rows.each(records(pages), read)
    for (on, _), row in found.items():
        rows.add(on, "BreathingRate_Stages", row)
    return rows.parsed()


def _fields(value: Object) -> dict[str, float | None]:
    fields: dict[str, float | None] = {}
    for stage, theirs in _STAGES.items():
        said = member(value, theirs)
        rate = positive(said, "breathsPerMinute")
        fields[f"field_{stage}"] = rate
        for suffix, name in _FURTHER.items():
            fields[f"field_{stage}{suffix}"] = None if rate is None else amount(said, name)
    return fields
