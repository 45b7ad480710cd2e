"""The weighings: grams from the CSV, and from the old JSON in the unit that its own numbers show."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.measurements import TIME
from cromwelld.sources.parsed import Rows
from cromwelld.sources.takeout.copies import Bounds, Chosen, Copy, taken
from cromwelld.sources.takeout.recorders import Rank
from cromwelld.sources.takeout.samples import Tables
from cromwelld.sources.takeout.window import Window

POUND_KG, KILOGRAM = 0.45359237, 1.0
_ANY = (Rank.WATCH, Rank.MERGED, Rank.PHONE, Rank.APP)
_SHORTEST_M, _TALLEST_M = 1.3, 2.3
_NEAR = dt.timedelta(days=60)
_CLOSE = 0.15
_UNITLESS = "a weighing whose unit nothing tells"
_NO_WEIGHT = "a weighing without a weight"

Weighing = tuple[dt.datetime, Mapping[str, object]]


def weighings(window: Window, chosen: Chosen) -> Tables:
    """Give each date's weighings, and the fat where it was measured: from the CSV, else from the JSON.

    The body-mass index is in the JSON alone: it joins the weighing of the same second.
    """
    rows, logged = Rows(), list(_of_json(window))
    indices = {when: _number(record.get("bmi")) for when, record in logged}
    found = {name: _of_csv(window, name, chosen, _Joined(rows, indices)) for name in ("Weight", "BodyFat")}
    for when, record in logged:
        date = window.facts.calendar.date_of(when)
        if date is None or not window.first <= date <= window.last:
            continue
        source = {"time": when, "tag_Source": record.get("source") or None}
        if date not in found["Weight"]:
            _add_json(window, rows, date, {**source, "record": record})
            chosen.count("Weight", "the weight log")
        fat = _number(record.get("fat"))
        if fat is not None and date not in found["BodyFat"]:
            rows.add(date, "BodyFat", {**source, "field_value": fat})
    return dict(rows.parsed().tables)


@dataclass(frozen=True, slots=True)
class _Joined:
    """Rows in the making, and the body-mass indices that the JSON knows, by their second."""

    rows: Rows
    indices: Mapping[dt.datetime, float | None]

    def add(self, date: dt.date, measurement: str, row: dict[str, object]) -> None:
        time = row["time"]
        if measurement == "Weight" and isinstance(time, dt.datetime):
            row["field_bmi"] = self.indices.get(time)
        self.rows.add(date, measurement, row)


def _of_csv(window: Window, measurement: str, chosen: Chosen, rows: _Joined) -> set[dt.date]:
    family, column, units = ("weight", "weight_kg", 1e3) if measurement == "Weight" else ("body_fat", "value", 1.0)
    found = taken(window, (Copy(family=family, units=units, ranks=_ANY),), Bounds(above=0.0, most=700.0, closed=False))
    for date, one in found.items():
        chosen.note(measurement, one)
        times = pc.cast(pa.array(one.times // 1_000_000 * 1_000_000), TIME).to_pylist()
        for time, value, who in zip(times, one.values.tolist(), one.who.tolist(), strict=True):
            rows.add(date, measurement, {"time": time, "tag_Source": one.names[who] or None, f"field_{column}": value})
    return set(found)


def _of_json(window: Window) -> Iterator[Weighing]:
    rows = window.utc("json_weight")
    once = {} if rows is None else {row["record"]: row["time"] for row in rows.to_pylist()}
    for record, micros in once.items():
        yield dt.datetime.fromtimestamp(micros / 1e6, dt.UTC), json.loads(record)


def _add_json(window: Window, rows: Rows, date: dt.date, weighing: Mapping[str, object]) -> None:
    record = weighing["record"]
    weight = _number(record.get("weight")) if isinstance(record, dict) else None
    if weight is None or not isinstance(record, dict):
        window.left_out[_NO_WEIGHT] += 1
    elif window.facts.kg is None:
        window.left_out[_UNITLESS] += 1
    else:
        fields = {"field_weight_kg": weight * window.facts.kg, "field_bmi": _number(record.get("bmi"))}
        rows.add(date, "Weight", {"time": weighing["time"], "tag_Source": weighing["tag_Source"], **fields})


def unit(records: Sequence[Weighing], grams: Sequence[tuple[dt.datetime, float]]) -> float | None:
    """Tell how many kilograms a unit of the JSON weighings is: by weighings in grams nearby, else by the height.

    The body-mass index implies a height; only one of the units makes it a person's. None if nothing tells, or two
    weighings tell differently.
    """
    said = {found for weighing in records if (found := _by_grams(weighing, grams)) is not None}
    said = said or {found for _, record in records if (found := _by_height(record)) is not None}
    return said.pop() if len(said) == 1 else None


def _by_grams(weighing: Weighing, grams: Sequence[tuple[dt.datetime, float]]) -> float | None:
    when, record = weighing
    weight = _number(record.get("weight"))
    near = [(abs(time - when), value / 1e3) for time, value in grams if abs(time - when) <= _NEAR]
    if weight is None or not near:
        return None
    kg = min(near)[1]
    fitting = [one for one in (KILOGRAM, POUND_KG) if abs(weight * one / kg - 1) <= _CLOSE]
    return fitting[0] if len(fitting) == 1 else None


def _by_height(record: Mapping[str, object]) -> float | None:
    weight, bmi = _number(record.get("weight")), _number(record.get("bmi"))
    if weight is None or bmi is None:
        return None
    fitting = [one for one in (KILOGRAM, POUND_KG) if _SHORTEST_M <= math.sqrt(weight * one / bmi) <= _TALLEST_M]
    return fitting[0] if len(fitting) == 1 else None


def _number(value: object) -> float | None:
    found = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    return found if found is not None and math.isfinite(found) and found > 0 else None
