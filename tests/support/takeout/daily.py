"""Tables without a date in their name: a row a civil date for all years, with midnight for a stamp."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cromwelld.simulator.person.zones import personal_floors
from tests.support.takeout.member import Member, table, telemetry
from tests.support.takeout.nights import Night, nights
from tests.support.takeout.order import Order, Trap

SLOWEST_BPM, FASTEST_BPM = 30, 220
ZONES = ("LIGHT", "MODERATE", "VIGOROUS", "PEAK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Say what a table tells of every night."""

    name: str
    header: str
    cells: Callable[[Night], tuple[object, ...]]


FAMILIES = (
    Family(
        name="daily_resting_heart_rate",
        header="timestamp,beats per minute,data source",
        cells=lambda night: (float(night.vitals.resting_bpm),),
    ),
    Family(
        name="daily_heart_rate_variability",
        header="timestamp,average heart rate variability milliseconds,non rem heart rate beats per minute,entropy,"
        "deep sleep root mean square of successive differences milliseconds,data source",
        cells=lambda night: (
            night.vitals.daily_rmssd_ms,
            float(night.details.non_rem_bpm),
            night.details.entropy,
            night.vitals.deep_rmssd_ms,
        ),
    ),
    Family(
        name="daily_respiratory_rate",
        header="timestamp,breaths per minute,data source",
        cells=lambda night: (night.vitals.breaths_per_minute,),
    ),
    Family(
        name="daily_oxygen_saturation",
        header="timestamp,average percentage,lower bound percentage,upper bound percentage,baseline percentage,"
        "standard deviation percentage,data source",
        cells=lambda night: (
            night.vitals.oxygen_avg,
            night.details.oxygen_lower,
            night.details.oxygen_upper,
            0.0,
            night.details.oxygen_deviation,
        ),
    ),
    Family(
        name="daily_sleep_temperature_derivations",
        header="timestamp,nightly temperature celsius,baseline temperature celsius,"
        "relative nightly stddev 30d celsius,data source",
        cells=lambda night: (
            night.details.temperature_c,
            _or_no_number(night.details.baseline_c),
            _or_no_number(night.details.temperature_deviation_c),
        ),
    ),
)


def tables(order: Order, days: list[dt.date]) -> Iterator[Member]:
    """Write what every night gave its date."""
    found = list(nights(order, days))
    for family in FAMILIES:
        cells = {night.day: ",".join(str(cell) for cell in family.cells(night)) for night in found}
        rows = [f"{day}T00:00:00Z,{told},{order.app}" for day, told in cells.items()]
        yield telemetry(order, family.name, f"{family.name}.csv", table(family.header, rows))
    if Trap.PSEUDO_JSON in order.traps:
        yield _zone_limits(order, found)


def _zone_limits(order: Order, found: list[Night]) -> Member:
    """Write the limits of the zones as the vendor does: a cell with words out of quotes, and no date."""
    rows = []
    for night in found:
        floors = (SLOWEST_BPM, *personal_floors(order.person, night.day))
        tops = (*(floor - 1 for floor in floors[1:]), FASTEST_BPM)
        limits = ",".join(
            f'{{""heart_rate_zone_type"": {zone}, ""min_heart_rate_bpm"": {least}, ""max_heart_rate_bpm"": {most}}}'
            for zone, least, most in zip(ZONES, floors, tops, strict=True)
        )
        rows.append(f'1970-01-01T00:00:00Z,"{limits}",{order.app}')
    name = "daily_heart_rate_zones"
    return telemetry(order, name, f"{name}.csv", table("timestamp,heart_rate_zone,data source", rows))


def _or_no_number(value: float | None) -> object:
    return "NaN" if value is None else value
