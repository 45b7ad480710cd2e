"""The nights of an export: what the body told in them, and when they ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from cromwelld.simulator.person import NightDetails, Sleep, Vitals
from cromwelld.simulator.person.details import oxygen, variability
from tests.support.takeout.order import Order
from tests.support.takeout.text import Instants
from tests.support.takeout.truth import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """Hold a night by the date on which it ended."""

    day: dt.date
    main: Sleep
    vitals: Vitals
    details: NightDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Hold readings by instant (UTC seconds)."""

    at: Instants
    value: Column


def nights(order: Order, days: Iterable[dt.date]) -> Iterator[Night]:
    """Tell the nights of some dates that were over and long enough."""
    for day in days:
        vitals, details = order.view.vitals(day), order.person.night_details(day)
        main = next((sleep for sleep in order.view.sleeps(day) if sleep.main), None)
        if vitals and details and main:
            yield Night(day=day, main=main, vitals=vitals, details=details)


def variable(order: Order, night: Night) -> Readings:
    """Tell the variability (ms) of every five minutes of a night."""
    return _readings(variability(order.person, night.day))


def saturated(order: Order, night: Night) -> Readings:
    """Tell the oxygen (%) of every minute of a night."""
    return _readings(oxygen(order.person, night.day))


def _readings(pairs: Iterable[tuple[int, float]]) -> Readings:
    rows = list(pairs)
    return Readings(at=np.array([at for at, _ in rows], np.int64), value=np.array([value for _, value in rows], float))
