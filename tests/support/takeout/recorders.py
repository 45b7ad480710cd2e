"""Who recorded a minute: the watch alone, or the phone and a mirror beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.support.takeout.order import Order, Trap
from tests.support.takeout.text import Instants, Texts, numbers, repeated
from tests.support.takeout.truth import Column

PHONE, MIRROR = "MobileTrack", "Fit Health Connect"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Hold the rows of a table: instants, cells between them and the recorder, and the recorder."""

    at: Instants
    cells: list[Texts]
    recorder: Texts

    @classmethod
    def by(cls, recorder: str, at: Instants, cells: list[Texts]) -> Told:
        """Hold rows that one recorder told."""
        return cls(at=at, cells=cells, recorder=repeated(recorder, len(at)))

    def where(self, mask: Column) -> Told:
        """Keep the rows that a mask, or an order of them, marks."""
        return Told(at=self.at[mask], cells=[cell[mask] for cell in self.cells], recorder=self.recorder[mask])


def watch(order: Order, days: list[dt.date], told: Told) -> Told:
    """Leave a table to the watch, and to its mirror where several record."""
    del days
    return together([told, _mirrored(told)]) if Trap.RECORDERS in order.traps else told


def everybody(order: Order, days: list[dt.date], told: Told) -> Told:
    """Add the phone's own steps where several record, and the mirror of both."""
    if Trap.RECORDERS not in order.traps:
        return told
    made = order.made.timestamp()
    rows = [each for day in days for each in order.person.phone_steps(day) if each.end <= made]
    at = np.array([each.start for each in rows], np.int64)
    phone = Told.by(PHONE, at, [numbers(np.array([each.steps for each in rows]), str)])
    alone = phone.where(~np.isin(at, told.at))
    return together([told, phone, _mirrored(told), _mirrored(alone)])


def _mirrored(told: Told) -> Told:
    return Told.by(MIRROR, told.at, told.cells)


def together(parts: Sequence[Told]) -> Told:
    """Put rows in the order of their instants, those of one instant in the order of the parts."""
    at = np.concatenate([part.at for part in parts])
    cells = [np.concatenate(cell) for cell in zip(*(part.cells for part in parts), strict=True)]
    whole = Told(at=at, cells=cells, recorder=np.concatenate([part.recorder for part in parts]))
    return whole.where(np.argsort(at, kind="stable"))
