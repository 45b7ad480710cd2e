"""What a new answer does to a date: add, replace, or stay out.

Source: the rules are the project's own (README, "What happens to a day"); the reasons are field reports of pullers that
lost a night to an empty answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

import pyarrow as pa
import pyarrow.compute as pc

from cromwelld import localtime
from cromwelld.day import tracks
from cromwelld.day.model import Day
from cromwelld.day.tables import concat, empty, normal, with_text
from cromwelld.measurements import CATALOGUE, MEASUREMENTS, Measurement, Merge, describe
from cromwelld.pieces import Answer, Outcome

_ENOUGH = 0.9
_DEVICE = "tag_Device"
_TRACKS, _ACTIVITIES = "GPS", "ActivityRecords"
_EXPORTS = frozenset({"takeout"})  # what an API answers takes their place, and they fill what it lacks


class Verdict(Enum):
    """What became of one measurement of an answer."""

    TAKEN = "taken"
    UNCHANGED = "unchanged"
    ABSENT = "absent"
    SHRUNK = "shrunk"
    DOUBTED = "emptiness doubted"
    SOURCE_KEPT = "source kept"

    @property
    def settles(self) -> bool:
        """Tell whether the answer now speaks for the measurement."""
        return self in {Verdict.TAKEN, Verdict.UNCHANGED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the caller knows beside the answers.

    `emptiness_repeated` names streams; `label` is the device's name where the vendor names none.
    """

    emptiness_repeated: frozenset[str] = frozenset()
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One measurement's verdict, with the number of records before and offered."""

    stream: str
    measurement: str
    verdict: Verdict
    before: int
    offered: int


@dataclass(frozen=True, slots=True)
class Merged:
    """The date after the answers, and what each of them did."""

    day: Day
    changes: tuple[Change, ...] = field(default_factory=tuple)


def merge(day: Day, answers: Sequence[Answer], rules: Rules) -> Merged:
    """Merge answers into a date in the order in which they came, tracks after the activities that they belong to."""
    base, changes = day, list[Change]()
    for answer in sorted(answers, key=lambda answer: _TRACKS in answer.tables):
        of_answer: list[Change] = []
        for name in sorted(answer.tables, key=lambda name: name == _TRACKS):
            way = _WAYS.get(describe(name).merge, _merge_whole)
            day, change = way(day, describe(name), _Case(base, day, answer, rules))
            of_answer.append(change)
            day = _follow_activities(day, [change])
        day = replace(day, asked=_words(day, answer, of_answer))
        changes += of_answer
    return Merged(_follow_activities(day, changes), tuple(changes))


@dataclass(frozen=True, slots=True)
class _Case:
    base: Day
    day: Day
    answer: Answer
    rules: Rules

    def offered(self, measurement: Measurement) -> pa.Table:
        return self.answer.tables[measurement.name]

    def change(self, measurement: Measurement, verdict: Verdict, before: int) -> Change:
        offered = self.offered(measurement).num_rows
        return Change(
            stream=self.answer.stream, measurement=measurement.name, verdict=verdict, before=before, offered=offered
        )


def _merge_whole(day: Day, measurement: Measurement, case: _Case) -> tuple[Day, Change]:
    old = day.tables.get(measurement.name, empty(measurement))
    new = _named(_stamped(case.offered(measurement), measurement, day), old, case)
    verdict = _verdict(old, new, measurement, case)
    if verdict is Verdict.TAKEN:
        new = filled(new, old, measurement, case.answer.source)
        joined = concat(measurement, [old, new]) if measurement.merge is Merge.READINGS else normal(measurement, new)
        verdict = Verdict.UNCHANGED if joined.equals(old) else verdict
        day = _with(day, measurement.name, joined)
    elif verdict is Verdict.SOURCE_KEPT and case.answer.source in _EXPORTS:
        day = _with(day, measurement.name, filled(old, new, measurement, _source(day, measurement.name)))
    return day, case.change(measurement, verdict, old.num_rows)


def filled(rows: pa.Table, donor: pa.Table, measurement: Measurement, source: str) -> pa.Table:
    """Fill the fields that `source` never has from the rows of the same key in `donor`."""
    names = [field.column for field in measurement.fields if source in field.lacking]
    if not rows.num_rows or not donor.num_rows or not names:
        return rows
    keys = list(measurement.key_columns)
    given = {tuple(row[key] for key in keys): row for row in donor.select([*keys, *names]).to_pylist()}
    own = [tuple(row[key] for key in keys) for row in rows.select(keys).to_pylist()]
    for name in names:
        values = pa.array([given.get(key, {}).get(name) for key in own], rows.schema.field(name).type)
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, rows.schema.field(place), pc.coalesce(rows[name], values))
    return rows


def _merge_tracks(day: Day, measurement: Measurement, case: _Case) -> tuple[Day, Change]:
    """Merge each track on its own, also those of an answer that could not bring all of them."""
    old = day.tables.get(measurement.name, empty(measurement))
    foreign = bool(old.num_rows) and not case.answer.forced and _of_another_source(day, measurement.name, case.answer)
    anew = case.answer.forced and case.answer.outcome.answered
    kept, offered = {} if anew else tracks.split(old), tracks.split(case.offered(measurement))
    others = offered.keys() | _activities(day).keys()
    shrunk = False
    for name, points in offered.items():
        rivals = tracks.rivals(name, points, {other: kept[other] for other in kept if other not in others - {name}})
        if case.answer.forced or not rivals or (not foreign and all(covers(kept[rival], points) for rival in rivals)):
            kept = {other: rows for other, rows in kept.items() if other not in rivals} | {name: points}
        else:
            shrunk = True
    joined = concat(measurement, [empty(measurement), *kept.values()])
    verdict = Verdict.SHRUNK if shrunk else Verdict.UNCHANGED if joined.equals(old) else Verdict.TAKEN
    verdict = Verdict.SOURCE_KEPT if foreign else verdict
    return _with(day, measurement.name, joined), case.change(measurement, verdict, old.num_rows)


_WAYS: Mapping[Merge, Callable[[Day, Measurement, _Case], tuple[Day, Change]]] = {Merge.TRACKS: _merge_tracks}


def _follow_activities(day: Day, changes: Sequence[Change]) -> Day:
    """Let tracks follow their activities, where these are known anew: renamed with them, gone with them."""
    measurement = MEASUREMENTS[_TRACKS]
    known = any(change.measurement == _ACTIVITIES and change.verdict.settles for change in changes)
    if not known or _TRACKS not in day.tables:
        return day
    followed = tracks.follow(tracks.split(day.tables[_TRACKS]), _activities(day))
    day = _with(day, _TRACKS, concat(measurement, [empty(measurement), *followed.values()]))
    source, _, outcome = day.asked.get(_TRACKS, "").partition(" ")
    gone = outcome in {"ok", "partial"} and not followed
    return replace(day, asked={**day.asked, _TRACKS: f"{source} empty"}) if gone else day


def _activities(day: Day) -> dict[str, tracks.Stretch]:
    return tracks.listed(day.tables.get(_ACTIVITIES, empty(MEASUREMENTS[_ACTIVITIES])))


def _verdict(old: pa.Table, new: pa.Table, measurement: Measurement, case: _Case) -> Verdict:
    if not case.answer.outcome.answered:
        return Verdict.ABSENT
    if case.answer.forced or not old.num_rows:
        return Verdict.TAKEN
    if measurement.merge is not Merge.READINGS and _of_another_source(case.day, measurement.name, case.answer):
        return Verdict.SOURCE_KEPT
    if not new.num_rows and _source(case.day, measurement.name) in _EXPORTS - {case.answer.source}:
        return Verdict.SOURCE_KEPT  # that an API has nothing of old dates does not mean that there was nothing
    return _BY_RULE[measurement.merge](old, new, case)


def _sampled(old: pa.Table, new: pa.Table, case: _Case) -> Verdict:
    del case
    return Verdict.TAKEN if covers(old, new) else Verdict.SHRUNK


def _logged(old: pa.Table, new: pa.Table, case: _Case) -> Verdict:
    del old, new
    repeated = case.answer.stream in case.rules.emptiness_repeated
    return Verdict.TAKEN if case.answer.rows or repeated else Verdict.DOUBTED


def _daily(old: pa.Table, new: pa.Table, case: _Case) -> Verdict:
    del old, case
    return Verdict.TAKEN if new.num_rows else Verdict.ABSENT


def _readings(old: pa.Table, new: pa.Table, case: _Case) -> Verdict:
    del old, new, case
    return Verdict.TAKEN


_BY_RULE: Mapping[Merge, Callable[[pa.Table, pa.Table, _Case], Verdict]] = {
    Merge.SAMPLED: _sampled,
    Merge.LOGGED: _logged,
    Merge.DAILY: _daily,
    Merge.READINGS: _readings,
}


def covers(old: pa.Table, new: pa.Table) -> bool:
    """Tell whether `new` has at least nine tenths of the timestamps of `old`."""
    if not old.num_rows:
        return True
    met = pc.sum(pc.is_in(old["time"], value_set=new["time"].combine_chunks())).as_py() or 0
    return bool(met >= _ENOUGH * old.num_rows)


def _of_another_source(day: Day, name: str, answer: Answer) -> bool:
    """Tell whether the records that are there stay for being another source's; foreign ones name no source."""
    first = _source(day, name)
    if answer.source in _EXPORTS:
        return first != answer.source
    return first not in {"", answer.source, *_EXPORTS}


def _source(day: Day, name: str) -> str:
    return day.asked.get(name, "").partition(" ")[0]


def rezoned(day: Day, zone: str) -> Day:
    """Let a date have been spent in another zone: its daily values are stamped at that zone's noon."""
    if day.zone == zone:
        return day
    moved = replace(day, zone=zone)
    return replace(moved, tables={name: _stamped(rows, describe(name), moved) for name, rows in day.tables.items()})


def _stamped(rows: pa.Table, measurement: Measurement, day: Day) -> pa.Table:
    """Stamp daily values at noon of the zone that is stored with the date: past dates keep their zone."""
    if measurement.merge is not Merge.DAILY or not rows.num_rows:
        return rows
    noon = pa.scalar(localtime.noon(day.date, day.zone), rows.schema.field("time").type)
    return rows.set_column(0, rows.schema.field(0), pa.repeat(noon, rows.num_rows))


def _named(rows: pa.Table, old: pa.Table, case: _Case) -> pa.Table:
    """Name the device of records that name none: as first stored, else the label, else the paired one.

    What was stored before this batch counts, so that the order of its answers does not.
    """
    stored = _device(old) or next(filter(None, map(_device, _worn(case.base))), "")
    return with_text(rows, _DEVICE, stored or case.rules.label or case.answer.device)


def _worn(day: Day) -> Iterator[pa.Table]:
    """Give the tables that tell what was worn: a battery reading tells only what is paired."""
    for measurement in CATALOGUE:
        if measurement.merge is not Merge.READINGS and measurement.name in day.tables:
            yield day.tables[measurement.name]


def _device(rows: pa.Table) -> str:
    return str(pc.first(rows[_DEVICE]).as_py() or "") if _DEVICE in rows.column_names else ""


def _with(day: Day, name: str, rows: pa.Table) -> Day:
    tables = {other: kept for other, kept in day.tables.items() if other != name}
    return replace(day, tables=tables | ({name: rows} if rows.num_rows else {}))


def _words(day: Day, answer: Answer, changes: Sequence[Change]) -> dict[str, str]:
    """Say of each measurement asked what the source answered; where older records stay, their word stays with them."""
    settled = {change.measurement for change in changes if change.verdict.settles}
    words = dict(day.asked)
    for name in answer.measurements or tuple(answer.tables):
        if answer.outcome.answered and (name in settled or name not in words or name not in day.tables):
            words[name] = f"{answer.source} {_word(answer, name) if name in day.tables else 'empty'}"
        elif not answer.outcome.answered and not words.get(name, "").endswith((" ok", " partial", " empty")):
            words[name] = f"{answer.source} {answer.outcome.value}"
    return dict(sorted(words.items()))


def _word(answer: Answer, name: str) -> str:
    """Say how whole a measurement is that has records; a reading is whole at any time."""
    partial = answer.outcome is Outcome.PARTIAL and describe(name).merge is not Merge.READINGS
    return "partial" if partial else "ok"
