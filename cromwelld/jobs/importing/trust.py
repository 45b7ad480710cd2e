"""What an export and the archive both have, held against each other: how far the export can be trusted."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.day import Day
from cromwelld.measurements import MEASUREMENTS, Measurement, Merge, describe
from cromwelld.pieces import Answer
from cromwelld.sources.takeout.answers import SOURCE
from cromwelld.sources.takeout.shifts import Agreement, Series, by_minute, telling

_EQUAL = 1e-6
_SUMMED = frozenset({"Steps_Intraday", "ActiveZoneMinutes_Intraday", "ActiveZoneMinutes", "HR_Zones"})
_SHIFTED = frozenset({"HeartRate_Intraday", "Steps_Intraday", "ActiveZoneMinutes_Intraday", "SPO2_Intraday"})
# By which number of them sleeps, exercises and the like are compared; the first field of all others.
_TELLING = {
    "SleepSummary": "field_minutesAsleep",
    "SleepLevels": "field_duration_seconds",
    "ActivityRecords": "field_duration",
    "GPS": "field_lat",
    "BreathingRate_Stages": "field_full",
    "SkinTemperature": "field_nightlyTemperature",
}


@dataclass(slots=True)
class Trust:
    """One line of the table: dates compared and equal, the relative difference of each, and agreement by shift."""

    dates: int = 0
    equal: int = 0
    differences: list[float] = field(default_factory=list)
    shifts: Agreement = field(default_factory=Agreement)

    @property
    def median(self) -> float | None:
        """Give the median difference as a share of the archive's value; None if no numbers could be compared."""
        return statistics.median(self.differences) if self.differences else None

    @property
    def worst(self) -> float | None:
        """Give the difference that is farthest from nought."""
        return max(self.differences, key=abs, default=None)

    @property
    def shift_min(self) -> int | None:
        """Give by how many minutes the export's times are later than the archive's; None where nothing shows it."""
        return self.shifts.best_min


@dataclass(slots=True)
class TrustTable:
    """What was compared, by measurement, and which recorder each was taken from, by date."""

    lines: dict[str, Trust] = field(default_factory=dict)
    recorders: dict[str, Counter[str]] = field(default_factory=dict)

    def compare(self, day: Day, answers: Sequence[Answer]) -> None:
        """Hold what an export says of a date against what the archive has of another source."""
        for answer in answers:
            for name, rows in answer.tables.items():
                held = day.tables.get(name)
                if held is not None and held.num_rows and day.asked.get(name, "").partition(" ")[0] != SOURCE:
                    _compare(self.lines.setdefault(name, Trust()), describe(name), held, rows)


def _compare(line: Trust, measurement: Measurement, archived: pa.Table, offered: pa.Table) -> None:
    line.dates += 1
    line.equal += _same(measurement, archived, offered)
    mine, theirs = _telling(measurement, offered), _telling(measurement, archived)
    if mine is not None and theirs is not None and theirs != 0:
        line.differences.append((mine - theirs) / abs(theirs))
    elif mine is not None and theirs is not None and mine == 0:
        line.differences.append(0.0)
    if measurement.name in _SHIFTED:
        line.shifts.add(_series(measurement, offered), [_series(measurement, archived)])


def _same(measurement: Measurement, archived: pa.Table, offered: pa.Table) -> bool:
    """Tell whether both have the same numbers at the same times; tags and fields of one side do not count."""
    shared = [one.column for one in measurement.fields if _both(one.column, archived, offered) and not one.text]
    if archived.num_rows != offered.num_rows or not shared:
        return False
    if not archived["time"].combine_chunks().equals(offered["time"].combine_chunks()):
        return False
    return all(_near(archived[name], offered[name]) for name in shared)


def _both(column: str, *tables: pa.Table) -> bool:
    return all(column in rows.column_names and rows[column].null_count < rows.num_rows for rows in tables)


def _near(mine: pa.ChunkedArray, theirs: pa.ChunkedArray) -> bool:
    left, right = (np.nan_to_num(one.to_numpy().astype(np.float64), nan=-1.0) for one in (mine, theirs))
    return bool(np.allclose(left, right, rtol=_EQUAL, atol=_EQUAL))


def _telling(measurement: Measurement, rows: pa.Table) -> float | None:
    """Give the number by which a date is compared: a sum for what is counted, a mean for what is measured."""
    if measurement.name in _SUMMED:
        sums = [pc.sum(rows[one.column]).as_py() for one in measurement.fields if one.column in rows.column_names]
        known = [one for one in sums if one is not None]
        return float(sum(known)) if known else None
    name = _TELLING.get(measurement.name) or next((one.column for one in measurement.fields if not one.text), "")
    if name not in rows.column_names:
        return None
    value = (pc.sum if measurement.merge is Merge.LOGGED else pc.mean)(rows[name]).as_py()
    return None if value is None else float(value)


def _series(measurement: Measurement, rows: pa.Table) -> Series:
    rows = rows.filter(pc.is_valid(rows["field_value"]))
    times = np.asarray(pc.cast(rows["time"], pa.int64()).to_numpy(), dtype=np.int64)
    return telling(by_minute(times, rows["field_value"].to_numpy(), summed=measurement.name in _SUMMED))


def ordered(table: TrustTable) -> Mapping[str, Trust]:
    """Give the lines in the order of the catalogue."""
    return {name: table.lines[name] for name in MEASUREMENTS if name in table.lines}
