"""Named rules that mend what the scripts before us wrote wrongly, in foreign records alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.measurements import TIME

Tables = Mapping[str, pa.Table]
Mend = Callable[[pa.Table, Tables], tuple[pa.Table, int]]

_SHORTEST_OFFSET = dt.timedelta(minutes=15)  # a smaller difference is the rounding of minutes in bed
_CLASSIC_WORDS = frozenset({"asleep", "restless", "awake"})
_OF_STAGES = ("field_minutesLight", "field_minutesREM", "field_minutesDeep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One repair: its name and sentence for the report, the measurement that it mends, and how.

    `mend` takes the rows of that measurement and all tables of the object, and gives the rows mended and how many
    values, or records, were.
    """

    name: str
    sentence: str
    measurement: str
    mend: Mend


def repair(tables: Tables) -> tuple[dict[str, pa.Table], dict[str, int]]:
    """Apply every rule to the records of a foreign object; give the tables, and by rule how much was mended.

    Steps, calories, zone minutes and heart rate are named in no rule: they stay as they are.
    """
    mended, counts = dict(tables), {}
    for rule in RULES:
        if rule.measurement not in mended:
            continue
        rows, count = rule.mend(mended[rule.measurement], mended)
        if count:
            mended[rule.measurement] = rows
            counts[rule.name] = count
    return {name: rows for name, rows in mended.items() if rows.num_rows}, counts


def _put(rows: pa.Table, column: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    position = rows.schema.get_field_index(column)
    return rows.set_column(position, rows.schema.field(position), values)


def _absent(rows: pa.Table, tables: Tables, *, column: str, sentinel: float) -> tuple[pa.Table, int]:
    """Take a sentinel out of a column; a record in which nothing else is left goes."""
    del tables
    hit = pc.fill_null(pc.equal(rows[column], sentinel), fill_value=False)
    count = pc.sum(hit).as_py() or 0
    if not count:
        return rows, 0
    mended = _put(rows, column, pc.if_else(hit, pa.scalar(None, pa.float64()), rows[column]))
    return mended.filter(pc.or_(pc.invert(hit), _holding(mended))), count


def _holding(rows: pa.Table) -> pa.ChunkedArray:
    """Mark the rows in which a field has a value."""
    held = pa.chunked_array([pa.repeat(pa.scalar(value=False), rows.num_rows)])
    for name in rows.column_names:
        if name.startswith("field_"):
            held = pc.or_(held, pc.is_valid(rows[name]))
    return held


def _ends(rows: pa.Table, tables: Tables) -> tuple[pa.Table, int]:
    """Write sleep ends in UTC: as the start and the minutes in bed have it where the text says another time."""
    del tables
    said = rows["field_endTime"].to_pylist()
    starts, minutes = rows["time"].to_pylist(), rows["field_minutesInBed"].to_pylist()
    mended = [_end(*one) for one in zip(said, starts, minutes, strict=True)]
    count = sum(old != new for old, new in zip(said, mended, strict=True))
    return (_put(rows, "field_endTime", pa.array(mended, pa.string())), count) if count else (rows, 0)


def _end(said: str | None, start: dt.datetime, minutes: float | None) -> str | None:
    if said is None:
        return None
    told = _instant(said)
    if not minutes or minutes < 0:
        return said if told is None or told.tzinfo is None else told.astimezone(dt.UTC).isoformat()
    due = start.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)
    told = told if told is None or told.tzinfo else told.replace(tzinfo=dt.UTC)
    agrees = told is not None and abs(told - due) < _SHORTEST_OFFSET
    return (told if told is not None and agrees else due).astimezone(dt.UTC).isoformat()


def _instant(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _restless(rows: pa.Table, tables: Tables) -> tuple[pa.Table, int]:
    """Give classic nights the restless minutes that stand as REM, and none of the minutes that only stages have."""
    classic = pa.array(_classic(rows, tables.get("SleepLevels")), pa.bool_())
    wrong = pc.and_(classic, _any_valid(rows))
    count = pc.sum(wrong).as_py() or 0
    if not count:
        return rows, 0
    restless = pc.coalesce(rows["field_minutesRestless"], rows["field_minutesREM"])
    rows = _put(rows, "field_minutesRestless", pc.if_else(wrong, restless, rows["field_minutesRestless"]))
    for column in _OF_STAGES:
        rows = _put(rows, column, pc.if_else(wrong, pa.scalar(None, pa.float64()), rows[column]))
    return rows, count


def _any_valid(rows: pa.Table) -> pa.ChunkedArray:
    light, rem, deep = (pc.is_valid(rows[column]) for column in _OF_STAGES)
    return pc.or_(pc.or_(light, rem), deep)


def _classic(rows: pa.Table, levels: pa.Table | None) -> list[bool]:
    """Tell of each sleep whether it is classic: by its type, else by the words of its stages."""
    nights = rows.select(["time", "field_minutesInBed", "tag_SleepType"]).to_pylist()
    return [
        night["tag_SleepType"] == "classic"
        if night["tag_SleepType"] is not None
        else _in_classic_words(levels, night["time"], night["field_minutesInBed"] or 0.0)
        for night in nights
    ]


def _in_classic_words(levels: pa.Table | None, start: dt.datetime, minutes: float) -> bool:
    if levels is None:
        return False
    times, end = levels["time"], start + dt.timedelta(minutes=minutes)
    within = pc.and_(pc.greater_equal(times, pa.scalar(start, TIME)), pc.less(times, pa.scalar(end, TIME)))
    words = set(pc.drop_null(levels.filter(within)["field_stage"]).to_pylist())
    return bool(words) and words <= _CLASSIC_WORDS


def _sentinel(measurement: str, field: str, sentinel: float) -> tuple[str, Mend]:
    return measurement, partial(_absent, column=f"field_{field}", sentinel=sentinel)


def _rule(name: str, sentence: str, what: tuple[str, Mend]) -> Rule:
    return Rule(name=name, sentence=sentence, measurement=what[0], mend=what[1])


RULES: tuple[Rule, ...] = (
    _rule("zero-weight", "0.0 for a missing weight: absent", _sentinel("Weight", "weight_kg", 0.0)),
    _rule("zero-bmi", "0.0 for a missing BMI: absent", _sentinel("Weight", "bmi", 0.0)),
    _rule("zero-breathing", "0.0 for a missing breathing rate: absent", _sentinel("BreathingRate", "value", 0.0)),
    _rule(
        "zero-temperature",
        "0.0 for a missing skin temperature: absent",
        _sentinel("SkinTemperature", "nightlyRelative", 0.0),
    ),
    _rule("zero-efficiency", "0.0 for a missing efficiency: absent", _sentinel("SleepSummary", "efficiency", 0.0)),
    _rule("unknown-level", "-1 for an unknown sleep stage: absent", _sentinel("SleepLevels", "level", -1.0)),
    _rule("sleep-end", "sleep ends in the zone of a host: in UTC", ("SleepSummary", _ends)),
    _rule("restless-as-rem", "restless minutes of classic nights as REM: as restless", ("SleepSummary", _restless)),
)
