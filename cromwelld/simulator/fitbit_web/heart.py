"""Heart rate as the vendor sends it: samples, zones and the resting rate.

Source: https://dev.fitbit.com/build/reference/web-api/intraday/get-heartrate-intraday-by-date/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache

from cromwelld.simulator.fitbit_web.asking import Ask, Window
from cromwelld.simulator.fitbit_web.refusals import invalid
from cromwelld.simulator.fitbit_web.view import View
from cromwelld.simulator.fitbit_web.wall import clock_minutes
from cromwelld.simulator.person import Person
from cromwelld.simulator.person.civil import MINUTE_S, Span, civil_date, seconds_of

ZONES = (("Out of Range", 30, 110), ("Fat Burn", 110, 136), ("Cardio", 136, 169), ("Peak", 169, 220))
DETAIL_S = {"1sec": 1, "1min": 60, "5min": 300, "15min": 900}
Sample = tuple[int, int]


def daily(ask: Ask) -> object:
    """Answer the daily series of zones and resting rate."""
    return {"activities-heart": [{"dateTime": str(day), "value": _summary(ask.view, day)} for day in ask.days()]}


def intraday(ask: Ask) -> object:
    """Answer a day's samples, or a part of them, with the day's summary.

    A part of a day has its zones in the list's element, and a mean as text for a value.
    """
    if ask.path["detail"] not in DETAIL_S:
        raise invalid("detailLevel", f"Invalid detail level: {ask.path['detail']}")
    step_s, window = DETAIL_S[ask.path["detail"]], ask.window()
    samples = list(_samples(ask.view, window))
    summary = _summary(ask.view, window.first)
    head: dict[str, object] = {"dateTime": str(window.first), "value": summary}
    if window.cut:
        head = {**summary, "dateTime": str(window.first), "value": _mean(samples)}
    answer: dict[str, object] = {"activities-heart": [head]}
    if not ask.view.options.intraday_missing:
        interval = {"datasetInterval": max(1, step_s // MINUTE_S), "datasetType": "second" if step_s == 1 else "minute"}
        rows = samples if step_s == 1 else list(_averages(samples, step_s))
        answer["activities-heart-intraday"] = {"dataset": _dataset(ask.view, window, rows), **interval}
    return answer


def zone_of(bpm: float) -> int:
    """Find the number of the zone in which a heart beats."""
    return max(0, sum(bpm >= least for _, least, _ in ZONES) - 1)


@lru_cache(maxsize=4096)
def minutes_in_zones(person: Person, day: date, *, first: int, last: int) -> tuple[tuple[int, float], ...]:
    """Count the minutes and the kilocalories of each zone between two minutes of a date."""
    spent = [0] * len(ZONES)
    burnt = [0.0] * len(ZONES)
    calories = person.movement(day).calories_kcal
    for bpm, kilocalories in zip(person.minute_means(day)[first:last], calories[first:last], strict=True):
        if bpm is not None:
            spent[zone_of(bpm)] += 1
            burnt[zone_of(bpm)] += kilocalories
    return tuple(zip(spent, burnt, strict=True))


def zones(counted: Sequence[tuple[int, float]]) -> list[dict[str, object]]:
    """Write the zones; without `minutes` and `caloriesOut` where nothing is known."""
    if not any(minutes for minutes, _ in counted):
        return [{"max": most, "min": least, "name": name} for name, least, most in ZONES]
    return [
        {"caloriesOut": round(burnt, 4), "max": most, "min": least, "minutes": spent, "name": name}
        for (name, least, most), (spent, burnt) in zip(ZONES, counted, strict=True)
    ]


def known_minutes_in_zones(view: View, day: date) -> tuple[tuple[int, float], ...]:
    """Count what has been synced of a date."""
    return minutes_in_zones(view.person, day, first=0, last=view.minutes_known(day)) if view.known(day) else ()


def _summary(view: View, day: date) -> dict[str, object]:
    vitals = view.vitals(day)
    resting = {"restingHeartRate": vitals.resting_bpm} if vitals else {}
    return {"customHeartRateZones": [], "heartRateZones": zones(known_minutes_in_zones(view, day)), **resting}


def _mean(samples: Sequence[Sample]) -> str:
    return f"{sum(bpm for _, bpm in samples) / len(samples):.2f}" if samples else "0"


def _samples(view: View, window: Window) -> Iterator[Sample]:
    """Tell what has been synced of a window, whatever civil dates of the person it touches."""
    person, end = view.person, min(window.span.end, seconds_of(view.synced))
    days = sorted({civil_date(at, person.tz) for at in (window.span.start, window.span.end - 1)})
    for day in days:
        if view.known(day):
            truth = person.heart_rate(day)
            for at, bpm in zip(truth.instants, truth.bpm, strict=True):
                if window.span.start <= at < end:
                    yield at, bpm


def _averages(samples: Sequence[Sample], step_s: int) -> Iterator[Sample]:
    """Average the samples of each step; steps without samples are left out."""
    sums: dict[int, list[int]] = {}
    for at, bpm in samples:
        sums.setdefault(at // step_s * step_s, []).append(bpm)
    for start, beats in sums.items():
        yield start, round(sum(beats) / len(beats))


def _dataset(view: View, window: Window, rows: Sequence[Sample]) -> list[dict[str, object]]:
    """Write the samples on the clock; the doubled hour's second pass only if the vendor sends it."""
    first = window.span.start // MINUTE_S * MINUTE_S
    minutes = clock_minutes(Span(first, window.span.end), window.clock)
    both = view.options.fall_back == "twice"
    written: list[dict[str, object]] = []
    for at, bpm in rows:
        minute = minutes[max(0, at - first) // MINUTE_S]
        if both or not minute.second_pass:
            written.append({"time": f"{minute.label}:{at % MINUTE_S:02d}", "value": bpm})
    return written
