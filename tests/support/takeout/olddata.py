"""What the old site kept: minutes and daily values as text, thirty dates a file, and a year of resting rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cromwelld.simulator.person import Totals
from tests.support.takeout.member import Member, old_data, pretty
from tests.support.takeout.order import DAY, Order, Trap
from tests.support.takeout.periods import CHUNK_DAYS
from tests.support.takeout.text import json_list, naive, numbers, on_clock
from tests.support.takeout.truth import Column, Minutes, minutes

CENTIMETRES = 100
FEET_PER_FLOOR = 10
DAILY: dict[str, Callable[[Totals], int]] = {
    "sedentary_minutes": lambda totals: totals.minutes_sedentary,
    "lightly_active_minutes": lambda totals: totals.minutes_lightly_active,
    "moderately_active_minutes": lambda totals: totals.minutes_fairly_active,
    "very_active_minutes": lambda totals: totals.minutes_very_active,
}
PLACEHOLDERS = {"sedentary_minutes": "1440"}
END_OF_CENTURY = "12/31/99 00:00:00"
NOTHING = {"date": None, "value": 0.0, "error": 0.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Say what a file tells of which minutes, and whether its stamps are UTC."""

    name: str
    among: Callable[[Minutes], Column]
    value: Callable[[Order, Minutes], Column]
    in_utc: bool


SERIES = (
    Series(
        name="steps",
        among=lambda of: of.worn,
        value=lambda order, of: of.steps * order.planted.steps_times,
        in_utc=True,
    ),
    Series(
        name="distance",
        among=lambda of: of.worn,
        value=lambda _, of: (of.metres * CENTIMETRES).round().astype(int),
        in_utc=True,
    ),
    Series(name="calories", among=lambda of: of.at >= 0, value=lambda _, of: of.kcal, in_utc=False),
    Series(
        name="altitude",
        among=lambda of: of.worn & (of.floors > 0),
        value=lambda _, of: of.floors * FEET_PER_FLOOR,
        in_utc=False,
    ),
)


def by_minute(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write what is told by the minute: steps and distance in UTC, the rest on the person's clock."""
    of = minutes(order.view, days)
    for series in SERIES:
        among = of.where(series.among(of))
        in_utc = series.in_utc and Trap.LOCAL_MINUTES not in order.traps
        shown = among.at if in_utc else on_clock(among.at, order.person.tz)
        at = naive(shown + order.planted.late_s(f"{series.name}-"))
        value = numbers(series.value(order, among), str)
        rows = json_list([b' {\n  "dateTime": "', at, b'",\n  "value": "', value, b'"\n }'])
        yield old_data(order, f"{series.name}-{days[0]}.json", rows)


def by_day(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write how active the dates were; padded, they go on to the end of their thirty dates and of the century."""
    for name, of in DAILY.items():
        told = {day: order.view.totals(day) for day in days}
        rows = [_daily(day, str(of(totals))) for day, totals in told.items() if totals]
        if Trap.PADDING in order.traps:
            placeholder = PLACEHOLDERS.get(name, "0")
            rows += [_daily(day, placeholder) for day in _rest(days)]
            rows.append({"dateTime": END_OF_CENTURY, "value": placeholder})
        yield old_data(order, f"{name}-{days[0]}.json", pretty(rows))


def by_year(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write resting rates and fitness; dates without a night have a resting rate of nothing."""
    padding = _year_end(days) if Trap.PADDING in order.traps else []
    resting = [_daily(day, _resting(order, day)) for day in [*days, *padding]]
    yield old_data(order, f"resting_heart_rate-{days[0]}.json", pretty(resting))
    nights = {day: order.view.vitals(day) for day in days}
    fitness = [_daily(day, _fitness(vitals.vo2_max)) for day, vitals in nights.items() if vitals]
    yield old_data(order, f"demographic_vo2_max-{days[0]}.json", pretty(fitness))


def _daily(day: dt.date, value: object) -> dict[str, object]:
    return {"dateTime": f"{day:%m/%d/%y} 00:00:00", "value": value}


def _resting(order: Order, day: dt.date) -> dict[str, object]:
    vitals = order.view.vitals(day) if day <= order.end else None
    if vitals is None:
        return dict(NOTHING)
    return {"date": f"{day:%m/%d/%y}", "value": float(vitals.resting_bpm), "error": 5.5}


def _fitness(vo2_max: int) -> dict[str, float]:
    return {
        "demographicVO2Max": vo2_max + 0.434,
        "demographicVO2MaxError": 3.0,
        "filteredDemographicVO2Max": float(vo2_max),
        "filteredDemographicVO2MaxError": 2.0,
    }


def _rest(days: list[dt.date]) -> list[dt.date]:
    """List the dates that a file of thirty would still have."""
    return [days[0] + DAY * number for number in range(len(days), CHUNK_DAYS)]


def _year_end(days: list[dt.date]) -> list[dt.date]:
    last = days[-1].replace(month=12, day=31)
    return [days[-1] + DAY * number for number in range(1, (last - days[-1]).days + 1)]
