"""Points for minutes with a high heart rate, and breathing by stage of sleep."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day import table
from cromwelld.measurements import MEASUREMENTS, TIME
from cromwelld.sources.takeout.copies import Bounds, Chosen, Copy, Taken, taken
from cromwelld.sources.takeout.recorders import Rank
from cromwelld.sources.takeout.samples import Tables, daily_rows
from cromwelld.sources.takeout.window import Window

_ANY = (Rank.WATCH, Rank.MERGED, Rank.PHONE, Rank.APP)
_MINUTE_US, _SECOND_US = 60_000_000, 1_000_000
_POINTS = {"FAT_BURN": "inFatBurn", "CARDIO": "inCardio", "PEAK": "inPeak"}
_STAGES = ("deep", "light", "rem", "full")
_NO_ONE_BREATHES_SO_OFTEN = 100.0
_MILLI = 1000.0


def zone_minutes(window: Window, chosen: Chosen) -> Tables:
    """Give the points of each minute and their sums; they are weighted as they come: 1 or 2 a minute."""
    copies = (Copy(family="active_zone_minutes", ranks=_ANY), Copy(family="zone_minutes", tier=1))
    tables: Tables = {}
    sums: dict[dt.date, dict[str, float]] = {}
    for date, one in taken(window, copies, Bounds(above=0.0, most=1440.0, closed=False)).items():
        chosen.note("ActiveZoneMinutes_Intraday", one)
        chosen.note("ActiveZoneMinutes", one)
        zones = one.rows["zone"]
        columns = {
            "time": pc.cast(pa.array(one.times // _MINUTE_US * _MINUTE_US), TIME),
            "tag_Device": one.devices(),
            "tag_HeartRateZone": zones,
            "field_value": pa.array(one.values),
        }
        tables[date, "ActiveZoneMinutes_Intraday"] = table(MEASUREMENTS["ActiveZoneMinutes_Intraday"], columns)
        sums[date] = {name: _sum(one, zone) for zone, name in _POINTS.items()}
    return tables | daily_rows(window, "ActiveZoneMinutes", sums)


def _sum(one: Taken, zone: str) -> float:
    here = pc.fill_null(pc.equal(one.rows["zone"], zone), fill_value=False).to_numpy()
    return float(one.values[np.asarray(here)].sum())


def breathing(window: Window, chosen: Chosen) -> Tables:
    """Give the breathing of each sleep by stage (breaths/min); a stage not computed is absent with all of it."""
    tables: Tables = {}
    copies = (Copy(family="respiratory_rate_sleep_summary", column="full", ranks=_ANY),)
    for date, one in taken(window, copies, Bounds(above=-1.0, most=1e5)).items():
        chosen.note("BreathingRate_Stages", one)
        columns = {
            "time": pc.cast(pa.array(one.times // _SECOND_US * _SECOND_US), TIME),
            "tag_Device": one.devices(),
        }
        for stage in _STAGES:
            columns |= _stage(one.rows, stage)
        tables[date, "BreathingRate_Stages"] = table(MEASUREMENTS["BreathingRate_Stages"], columns)
    return tables


def _stage(rows: pa.Table, stage: str) -> dict[str, pa.Array]:
    """Give one stage's columns; rates above what can be are thousandths, whatever the header says."""
    rate = rows[stage]
    computed = pc.fill_null(pc.greater(rate, 0.0), fill_value=False)
    unit = pc.if_else(pc.greater(rate, _NO_ONE_BREATHES_SO_OFTEN), _MILLI, 1.0)
    parts = {"": pc.divide(rate, unit), "StandardDeviation": pc.divide(rows[f"{stage}StandardDeviation"], unit)}
    parts["SignalToNoise"] = rows[f"{stage}SignalToNoise"]
    return {f"field_{stage}{suffix}": pc.if_else(computed, values, None) for suffix, values in parts.items()}
