"""Daily totals as the vendor sends them: text, for every date that was asked.

Source: https://dev.fitbit.com/build/reference/web-api/activity-timeseries/get-activity-timeseries-by-date-range/
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from cromwelld.simulator.fitbit_web.asking import Ask
from cromwelld.simulator.fitbit_web.heart import known_minutes_in_zones
from cromwelld.simulator.fitbit_web.refusals import Refusal
from cromwelld.simulator.fitbit_web.view import View
from cromwelld.simulator.person import Totals
from cromwelld.simulator.person.movement import RESTING_KCAL

FLOOR_M = 3.048
LONGEST_DAYS = {"activityCalories": 30}
WITH_LOGS = ("calories", "activityCalories")
ZONE_KEYS = ("", "fatBurnActiveZoneMinutes", "cardioActiveZoneMinutes", "peakActiveZoneMinutes")
ZONE_WORTH = (0, 1, 2, 2)
RESOURCES: dict[str, Callable[[Totals], str]] = {
    "steps": lambda total: str(total.steps),
    "distance": lambda total: f"{total.distance_km:.5f}".rstrip("0").rstrip("."),
    "floors": lambda total: str(total.floors),
    "elevation": lambda total: f"{total.floors * FLOOR_M:.3f}",
    "calories": lambda total: str(round(total.calories_kcal)),
    "activityCalories": lambda total: str(round(total.calories_kcal - RESTING_KCAL * _counted(total))),
    "caloriesBMR": lambda _: str(round(RESTING_KCAL * 1440)),
    "minutesSedentary": lambda total: str(total.minutes_sedentary),
    "minutesLightlyActive": lambda total: str(total.minutes_lightly_active),
    "minutesFairlyActive": lambda total: str(total.minutes_fairly_active),
    "minutesVeryActive": lambda total: str(total.minutes_very_active),
}


def tracker(ask: Ask) -> object:
    """Answer what the tracker counted, zeros included."""
    resource = _resource(ask)
    rows = [{"dateTime": str(day), "value": daily_value(ask.view, day, resource)} for day in _days(ask, resource)]
    return {f"activities-tracker-{resource}": rows}


def with_logs(ask: Ask) -> object:
    """Answer what the tracker counted and what was logged by hand."""
    resource = _resource(ask)
    rows = []
    for day in _days(ask, resource):
        value = daily_value(ask.view, day, resource)
        if resource in WITH_LOGS:
            value = str(int(value) + sum(each.calories_kcal for each in ask.view.activities(day) if each.name is None))
        rows.append({"dateTime": str(day), "value": value})
    return {f"activities-{resource}": rows}


def zone_minutes(ask: Ask) -> object:
    """Answer the active zone minutes of the dates that have any."""
    rows = []
    for day in ask.days():
        counted = known_minutes_in_zones(ask.view, day)
        worth = {ZONE_KEYS[zone]: minutes * ZONE_WORTH[zone] for zone, (minutes, _) in enumerate(counted)}
        worth = {name: amount for name, amount in worth.items() if amount}
        if worth:
            rows.append({"dateTime": str(day), "value": {"activeZoneMinutes": sum(worth.values()), **worth}})
    return {"activities-active-zone-minutes": rows}


def daily_value(view: View, day: date, resource: str) -> str:
    """Write the total of a date, "0" where nothing is known of it."""
    totals = view.totals(day)
    return RESOURCES[resource](totals) if totals else "0"


def _resource(ask: Ask) -> str:
    if ask.path["resource"] not in RESOURCES:
        raise Refusal(404)
    return ask.path["resource"]


def _days(ask: Ask, resource: str) -> list[date]:
    days = ask.days()
    if len(days) > LONGEST_DAYS.get(resource, len(days)):
        raise Refusal(422)
    return days


def _counted(total: Totals) -> int:
    """Count the minutes awake."""
    return (
        total.minutes_sedentary + total.minutes_lightly_active + total.minutes_fairly_active + total.minutes_very_active
    )
