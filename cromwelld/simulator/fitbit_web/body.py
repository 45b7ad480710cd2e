"""Weighings as the vendor sends them.

Source: https://dev.fitbit.com/build/reference/web-api/body/get-weight-log/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from cromwelld.simulator.fitbit_web.asking import Ask
from cromwelld.simulator.fitbit_web.refusals import Refusal
from cromwelld.simulator.person import Weighing
from cromwelld.simulator.person.civil import seconds_of

CARRIED_DAYS = 60
SERIES: dict[str, Callable[[Weighing], float | None]] = {
    "weight": lambda weighing: weighing.weight_kg,
    "bmi": lambda weighing: weighing.bmi,
    "fat": lambda weighing: weighing.fat_percent,
}


def weight_log(ask: Ask) -> object:
    """Answer each weighing; the fat is there only where the scale measured it."""
    return {"weight": [_weighing(ask, each) for each in _weighings(ask)]}


def fat_log(ask: Ask) -> object:
    """Answer each weighing that measured the fat."""
    measured = [each for each in _weighings(ask) if each.fat_percent is not None]
    return {"fat": [{**_stamp(ask, each), "fat": each.fat_percent} for each in measured]}


def series(ask: Ask) -> object:
    """Answer a number for every date, carried forward from the last weighing that has it."""
    resource = ask.path["resource"]
    if resource not in SERIES:
        raise Refusal(404)
    rows = [{"dateTime": str(day), "value": _carried(ask, day, SERIES[resource])} for day in ask.days()]
    return {f"body-{resource}": rows}


def _weighings(ask: Ask) -> Iterator[Weighing]:
    for day in ask.days():
        yield from ask.view.weighings(day)


def _weighing(ask: Ask, weighing: Weighing) -> dict[str, object]:
    fat = {} if weighing.fat_percent is None else {"fat": weighing.fat_percent}
    return {**_stamp(ask, weighing), **fat, "bmi": weighing.bmi, "weight": weighing.weight_kg}


def _stamp(ask: Ask, weighing: Weighing) -> dict[str, object]:
    clock = weighing.at.astimezone(ask.view.person.tz)
    return {
        "date": str(clock.date()),
        "logId": seconds_of(weighing.at) * 1000,
        "source": ask.view.person.scale.replace(" ", ""),
        "time": f"{clock:%H:%M:%S}",
    }


def _carried(ask: Ask, day: date, number: Callable[[Weighing], float | None]) -> str:
    if day > ask.view.today:
        return "0"
    for age in range(CARRIED_DAYS):
        for weighing in ask.view.weighings(day - timedelta(days=age)):
            value = number(weighing)
            if value is not None:
                return str(value)
    return "0"
