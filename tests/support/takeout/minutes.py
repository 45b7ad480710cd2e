"""Movement by the minute: tables in UTC for each month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from cromwelld.simulator.person.civil import MINUTE_S
from tests.support.takeout.member import Member, telemetry, topic
from tests.support.takeout.order import Layout, Order, Trap
from tests.support.takeout.recorders import Told, everybody, watch
from tests.support.takeout.text import Texts, clock_minutes, csv, numbers, on_clock, stamps
from tests.support.takeout.truth import Column, Minutes, minutes

FLOOR_M = 3.048
MILLIMETRES = 1000
ZONE_FOLDER = "Active Zone Minutes (AZM)"
LEVELS = ("SEDENTARY", "LIGHTLY_ACTIVE", "MODERATELY_ACTIVE", "VERY_ACTIVE")
OWN_ZONES = ("LIGHT", "MODERATE", "VIGOROUS", "PEAK")
ACTIVE_ZONES = ("", "FAT_BURN", "CARDIO", "PEAK")
WORTH = np.array([0, 1, 2, 2])
FRACTIONS = {(Layout.GOOGLE_FOLDERS, "steps"): ".000Z", (Layout.GOOGLE_FOLDERS, "distance"): ".000Z"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Say what a table tells of the minutes that are among its own."""

    name: str
    header: str
    among: Callable[[Minutes], Column]
    cells: Callable[[Order, Minutes], list[Texts]]
    by_app: bool = False
    tell: Callable[[Order, list[dt.date], Told], Told] = field(default=watch)


def _steps(order: Order, of: Minutes) -> list[Texts]:
    return [numbers(of.steps * order.planted.steps_times, str)]


def _zone_minutes(order: Order, of: Minutes) -> list[Texts]:
    points = WORTH[of.zone] * order.planted.zone_minutes_times
    return [numbers(of.zone, ACTIVE_ZONES.__getitem__), numbers(points, str)]


def _active(_: Order, of: Minutes) -> list[Texts]:
    return [numbers((of.level == level).astype(int), str) for level in (1, 2, 3)]


def _awake(of: Minutes) -> Column:
    awake: Column = of.worn & ~of.asleep
    return awake


FAMILIES = (
    Family(
        name="steps",
        header="timestamp,steps,data source",
        among=lambda of: of.worn,
        cells=_steps,
        tell=everybody,
    ),
    Family(
        name="distance",
        header="timestamp,distance,data source",
        among=lambda of: of.worn,
        cells=lambda _, of: [numbers(of.metres, repr)],
    ),
    Family(
        name="calories",
        header="timestamp,calories,data source",
        among=lambda of: of.at >= 0,
        cells=lambda _, of: [numbers(of.kcal, repr)],
        by_app=True,
    ),
    Family(
        name="floors",
        header="timestamp,floors,data source",
        among=lambda of: of.worn & (of.floors > 0),
        cells=lambda _, of: [numbers(of.floors, str)],
    ),
    Family(
        name="altitude",
        header="timestamp,gain,data source",
        among=lambda of: of.worn & (of.floors > 0),
        cells=lambda _, of: [numbers(of.floors * FLOOR_M, repr)],
    ),
    Family(
        name="activity_level",
        header="timestamp,level,data source",
        among=_awake,
        cells=lambda _, of: [numbers(of.level, LEVELS.__getitem__)],
    ),
    Family(
        name="active_minutes",
        header="timestamp,light,moderate,very,data source",
        among=lambda of: _awake(of) & (of.level > 0),
        cells=_active,
        by_app=True,
    ),
    Family(
        name="active_zone_minutes",
        header="timestamp,heart rate zone,total minutes,data source",
        among=lambda of: of.zone > 0,
        cells=_zone_minutes,
    ),
    Family(
        name="time_in_heart_rate_zone",
        header="timestamp,heart rate zone type,data source",
        among=lambda of: of.own >= 0,
        cells=lambda _, of: [numbers(of.own, OWN_ZONES.__getitem__)],
        by_app=True,
    ),
    Family(
        name="calories_in_heart_rate_zone",
        header="timestamp,heart rate zone type,kcal,data source",
        among=lambda of: of.own >= 0,
        cells=lambda _, of: [numbers(of.own, OWN_ZONES.__getitem__), numbers(of.kcal, repr)],
        by_app=True,
    ),
)


def tables(order: Order, month: dt.date, days: list[dt.date]) -> Iterator[Member]:
    """Write every family of a month of UTC."""
    of = minutes(order.view, days)
    for family in FAMILIES:
        told = family.tell(order, days, _told(order, family, of))
        late = order.planted.late_s(f"{family.name}_")
        part = told.where(_in_month(told.at + late, month))
        if len(part.at):
            at = stamps(part.at + late, FRACTIONS.get((order.layout, family.name), "Z"))
            content = csv(family.header, at, *part.cells, part.recorder)
            yield telemetry(order, family.name, f"{family.name}_{month}.csv", content)
    yield from _sitting(order, month, of)


def zone_files(order: Order, month: dt.date, days: list[dt.date]) -> Iterator[Member]:
    """Write the minutes of a month that count as active, on the person's clock."""
    of = minutes(order.view, days)
    active = of.where(of.zone > 0)
    if len(active.at):
        shown = on_clock(active.at, order.person.tz) + order.planted.late_s(ZONE_FOLDER)
        at = clock_minutes(shown)
        content = csv("date_time,heart_zone_id,total_minutes", at, *_zone_minutes(order, active))
        yield topic(order, ZONE_FOLDER, f"Active Zone Minutes - {month}.csv", content)


def paces(order: Order, day: dt.date) -> Iterator[Member]:
    """Write the paces of a date, in which the watch's own steps come again."""
    of = minutes(order.view, [day])
    fast = of.where(of.worn & (of.level > 1))
    if Trap.LIVE_PACE in order.traps and len(fast.at):
        far = numbers((fast.metres * MILLIMETRES).astype(int), str)
        header = "timestamp,steps,distance millimeters,altitude gain millimeters,data source"
        cells = (stamps(fast.at), numbers(fast.steps, str), far, b"0", order.person.device.encode())
        yield telemetry(order, "live_pace", f"live_pace_{day}.csv", csv(header, *cells))


def _told(order: Order, family: Family, of: Minutes) -> Told:
    among = of.where(family.among(of))
    recorder = order.app if family.by_app else order.person.device
    return Told.by(recorder, among.at, family.cells(order, among))


def _sitting(order: Order, month: dt.date, of: Minutes) -> Iterator[Member]:
    """Write the stretches of sitting about that began in a month."""
    still = of.where(_awake(of) & (of.level == 0)).at
    starts = still[np.diff(still, prepend=-1) != MINUTE_S]
    ends = still[np.diff(still, append=-1) != MINUTE_S] + MINUTE_S
    within = _in_month(starts, month)
    if within.any():
        header = "start time,end time,data source"
        content = csv(header, stamps(starts[within]), stamps(ends[within]), order.person.device.encode())
        yield telemetry(order, "sedentary_period", f"sedentary_period_{month}.csv", content)


def _in_month(at: Column, month: dt.date) -> Column:
    first = dt.datetime.combine(month, dt.time(), tzinfo=dt.UTC)
    after = (first + dt.timedelta(days=31)).replace(day=1)
    within: Column = (at >= int(first.timestamp())) & (at < int(after.timestamp()))
    return within
