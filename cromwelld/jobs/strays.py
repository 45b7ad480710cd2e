"""Which object gives the rows of a date, where objects hold records of other dates than the one that they bear."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cromwelld.day import Day
from cromwelld.jobs.opening import Held, Rows
from cromwelld.jobs.states import UNKNOWN
from cromwelld.lake.writer import LakeDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Measurements to be taken from an object for a date; `entry` is the date without rows.

    A complete entry clears what lies there of the date, so that it comes first.
    """

    giver: Held
    entry: LakeDay
    measurements: frozenset[str]

    @property
    def date(self) -> dt.date:
        """Give the date that takes."""
        return self.entry.day.date

    @property
    def is_stray(self) -> bool:
        """Tell whether the giver bears another date, or none."""
        return self.giver.date != self.date

    def filled(self, rows: Rows) -> LakeDay:
        """Give the date with the rows that are taken."""
        tables = {name: rows[self.date][name] for name in sorted(self.measurements)}
        return replace(self.entry, day=replace(self.entry.day, tables=tables))


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A date whose rows are to be settled, and the objects that hold any: the one that bears it, and others by age.

    With `laid` the rows of the object that bears it, and nothing else, were just written. With `keep` what lies there
    of a date that no object bears stays beside what is taken: not all of its givers are known or on offer.
    """

    date: dt.date
    named: Held | None
    others: Sequence[Held]
    laid: bool = False
    keep: bool = False


def settle(case: Case) -> list[Take]:
    """Decide what to take: all that the named object has, and what it lacks from the newest that has it."""
    own = frozenset[str]() if case.named is None else case.named.holds.get(case.date, frozenset())
    newest = {name: one for one in case.others for name in one.holds[case.date] - own}
    strays = [(one, frozenset(n for n, giver in newest.items() if giver is one)) for one in case.others]
    strays = [(one, names) for one, names in strays if names]
    base = _alone(case, strays) if case.named is None else case.named.entry
    if base is None:
        return []
    beside = replace(base, complete=False)
    takes = [Take(giver=giver, entry=beside, measurements=names) for giver, names in strays]
    if case.named is not None and not case.laid:
        return [Take(giver=case.named, entry=base, measurements=own), *takes]
    if base.complete and case.named is None:
        return [replace(takes[0], entry=base), *takes[1:]]
    return takes


def _alone(case: Case, strays: Sequence[tuple[Held, frozenset[str]]]) -> LakeDay | None:
    """Give a date that no object bears, in the zone of its newest giver; None if nobody gives it anything."""
    if not strays:
        return None
    day = Day(date=case.date, zone=strays[-1][0].zones[case.date], tables={}, asked={})
    return LakeDay(day=day, complete=not case.keep, state=UNKNOWN, sealed=False, object_name="", digest="", lent=True)
