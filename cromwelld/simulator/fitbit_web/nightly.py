"""What the vendor tells of a night: variability, breathing, temperature, oxygen, fitness.

Sources: https://dev.fitbit.com/build/reference/web-api/heartrate-variability/, /breathing-rate/, /temperature/, /spo2
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from cromwelld.simulator.fitbit_web.asking import Ask
from cromwelld.simulator.fitbit_web.wall import on_clock_of
from cromwelld.simulator.person import Sleep, Vitals
from cromwelld.simulator.person.civil import seconds_of

NO_NUMBER = -1.0
NO_OXYGEN = 50.0
VARIABILITY_STEP_S = 300
OXYGEN_STEP_S = 60
ODD_SECONDS = 38


def variability(ask: Ask) -> object:
    """Answer the variability of each night that has one."""
    rows = [{"value": _variability(ask, vitals), "dateTime": str(day)} for day, vitals in _nights(ask)]
    return {"hrv": rows}


def variability_minutes(ask: Ask) -> object:
    """Answer the variability of each night on a grid of five minutes."""
    rows = []
    for day, vitals in _nights(ask):
        minutes = [
            {
                "minute": stamp,
                "value": {"rmssd": rmssd, "coverage": 0.95, "hf": round(rmssd * 9, 3), "lf": round(rmssd * 14, 3)},
            }
            for stamp, rmssd in _grid(ask, day, step_s=VARIABILITY_STEP_S, middle=vitals.daily_rmssd_ms)
        ]
        rows.append({"minutes": minutes, "dateTime": str(day)})
    return {"hrv": rows}


def breathing(ask: Ask) -> object:
    """Answer the breaths a minute of each night that has them."""
    sentinels = ask.view.options.sentinels
    rows = [
        {"value": {"breathingRate": NO_NUMBER if sentinels else vitals.breaths_per_minute}, "dateTime": str(day)}
        for day, vitals in _nights(ask)
    ]
    return {"br": rows}


def breathing_stages(ask: Ask) -> object:
    """Answer the breaths a minute by stage of sleep; -1 where there is no value."""
    rows = []
    for day, vitals in _nights(ask):
        full = vitals.breaths_per_minute
        value = {
            "deepSleepSummary": {"breathingRate": round(full - 0.3, 1)},
            "remSleepSummary": {"breathingRate": NO_NUMBER if ask.view.options.sentinels else round(full + 0.4, 1)},
            "fullSleepSummary": {"breathingRate": full},
            "lightSleepSummary": {"breathingRate": round(full + 0.1, 1)},
        }
        rows.append({"value": value, "dateTime": str(day)})
    return {"br": rows}


def skin_temperature(ask: Ask) -> object:
    """Answer how far each night's skin temperature lay from the person's own."""
    rows = [
        {"dateTime": str(day), "value": {"nightlyRelative": vitals.skin_relative_c}, "logType": "dedicated_temp_sensor"}
        for day, vitals in _nights(ask)
    ]
    return {"tempSkin": rows}


def core_temperature(ask: Ask) -> object:
    """Answer that nobody has entered a temperature by hand."""
    ask.days()
    return {"tempCore": []}


def oxygen(ask: Ask) -> object:
    """Answer the oxygen of one night; without a value, the date alone."""
    found = [_oxygen(ask, day, vitals) for day, vitals in _nights(ask)]
    return found[0] if found else {"dateTime": str(ask.day())}


def oxygen_range(ask: Ask) -> object:
    """Answer the oxygen of each night that has it, as a list on top."""
    return [_oxygen(ask, day, vitals) for day, vitals in _nights(ask)]


def oxygen_minutes(ask: Ask) -> object:
    """Answer the oxygen of one night by the minute."""
    found = _oxygen_by_minute(ask)
    return found[0] if found else {"dateTime": str(ask.day()), "minutes": []}


def oxygen_minutes_range(ask: Ask) -> object:
    """Answer the oxygen of each night by the minute, as a list on top."""
    return _oxygen_by_minute(ask)


def fitness(ask: Ask) -> object:
    """Answer the cardio fitness score: a range as text, one number where walks were tracked."""
    rows = []
    for day, vitals in _nights(ask):
        tracked = any(outing.kind == "walk" for outing in ask.view.person.diary(day).outings)
        text = str(vitals.vo2_max) if tracked else f"{vitals.vo2_max - 2}-{vitals.vo2_max + 2}"
        rows.append({"dateTime": str(day), "value": {"vo2Max": text}})
    return {"cardioScore": rows}


def _nights(ask: Ask) -> Iterator[tuple[date, Vitals]]:
    for day in ask.days():
        vitals = ask.view.vitals(day)
        if vitals:
            yield day, vitals


def _variability(ask: Ask, vitals: Vitals) -> dict[str, object]:
    deep = None if ask.view.options.sentinels else vitals.deep_rmssd_ms
    return {"dailyRmssd": vitals.daily_rmssd_ms, "deepRmssd": deep}


def _oxygen(ask: Ask, day: date, vitals: Vitals) -> dict[str, object]:
    least = NO_OXYGEN if ask.view.options.sentinels else vitals.oxygen_min
    return {"dateTime": str(day), "value": {"avg": vitals.oxygen_avg, "min": least, "max": vitals.oxygen_max}}


def _oxygen_by_minute(ask: Ask) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for day, vitals in _nights(ask):
        grid = _grid(ask, day, step_s=OXYGEN_STEP_S, middle=vitals.oxygen_avg)
        minutes = [
            {"value": round(min(100.0, value), 1), "minute": f"{stamp[:17]}{ODD_SECONDS}"} for stamp, value in grid
        ]
        rows.append({"dateTime": str(day), "minutes": minutes})
    return rows


def _grid(ask: Ask, day: date, *, step_s: int, middle: float) -> Iterator[tuple[str, float]]:
    """Lay a grid over the main sleep of a date and let a number wander about its middle."""
    person = ask.view.person
    main: Sleep = next(sleep for sleep in person.sleeps(day) if sleep.main)
    dice = person.dice(day, f"grid:{step_s}")
    start = seconds_of(main.start) // step_s * step_s + step_s
    for at in range(start, seconds_of(main.end), step_s):
        moment = main.start + timedelta(seconds=at - seconds_of(main.start))
        yield on_clock_of(main.start, moment, person.tz), round(middle * dice.uniform(0.97, 1.03), 3)
