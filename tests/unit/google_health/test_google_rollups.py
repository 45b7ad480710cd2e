"""What the vendor adds up for each date; the person lives in Berlin."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from cromwelld.errors import BadAnswer
from cromwelld.sources.google_health import rollups
from cromwelld.sources.google_health.rollups import Parser
from tests.unit.fitbit_web.reading import Plain, asked, assert_in_contract, rows
from tests.unit.google_health.points import Json, date

TENTH = asked("2026-03-10")
MARCH = asked("2026-03-01", "2026-03-31")
NOON = "2026-03-10T11:00:00Z"
PARSERS = {
    "steps": (rollups.steps, "Activity-steps"),
    "distance": (rollups.distance, "Activity-distance"),
    "totalCalories": (rollups.calories, "Activity-calories"),
    "floors": (rollups.floors, "Activity-floors"),
    "sedentaryPeriod": (rollups.sedentary, "Activity-minutesSedentary"),
    "timeInHeartRateZone": (rollups.zones, "HR_Zones"),
    "activeZoneMinutes": (rollups.zone_minutes, "ActiveZoneMinutes"),
}


def summed(*points: object) -> bytes:
    return json.dumps({"rollupDataPoints": list(points)}).encode()


def point(key: str, value: object, on: str = "2026-03-10", until: str | None = None) -> Json:
    start = dt.date.fromisoformat(on)
    end = until or str(start + dt.timedelta(days=1))
    return {
        "civilStartTime": {"date": date(on), "time": {}},
        "civilEndTime": {"date": date(end), "time": {}},
        key: value,
    }


def zone(name: object, duration: object) -> Json:
    return {"heartRateZone": name, "duration": duration}


def zones(*entries: object) -> Json:
    return {"timeInHeartRateZones": list(entries)}


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("steps", {"countSum": "8421"}, {"value": 8421.0}),
        ("steps", {"countSum": 8421}, {"value": 8421.0}),
        ("steps", {"countSum": "0"}, {"value": 0.0}),
        ("steps", {}, {"value": 0.0}),  # worn, and not one step
        ("steps", {"countSum": "NaN"}, None),
        ("distance", {"millimetersSum": "6012345"}, {"value": 6.012345}),
        ("distance", {}, {"value": 0.0}),
        ("totalCalories", {"kcalSum": 2310.5}, {"value": 2310.5}),
        ("totalCalories", {}, {"value": 0.0}),
        ("totalCalories", {"kcalSum": "NaN"}, None),
        ("floors", {"countSum": "11"}, {"value": 11.0}),
        ("floors", {}, {"value": 0.0}),
        ("sedentaryPeriod", {"durationSum": "36000s"}, {"value": 600.0}),
        ("sedentaryPeriod", {"durationSum": "36003s"}, {"value": 600.05}),
        ("sedentaryPeriod", {"durationSum": "0s"}, {"value": 0.0}),
        ("sedentaryPeriod", {}, None),
        (
            "timeInHeartRateZone",
            zones(zone("LIGHT", "82800s"), zone("MODERATE", "1080s"), zone("VIGOROUS", "720s"), zone("PEAK", "60s")),
            {"Light": 1380.0, "MODERATE": 18.0, "VIGOROUS": 12.0, "PEAK": 1.0},
        ),
        ("timeInHeartRateZone", zones(zone("PEAK", "90s"), zone("LIGHT", None)), {"PEAK": 1.5}),
        ("timeInHeartRateZone", zones(zone("PEAK", "60s"), zone("PEAK", "30s")), {"PEAK": 1.5}),
        ("timeInHeartRateZone", zones(), None),
        ("timeInHeartRateZone", {}, None),
        (
            "activeZoneMinutes",
            {"sumInFatBurnHeartZone": "18", "sumInCardioHeartZone": "24", "sumInPeakHeartZone": "2"},
            {"inFatBurn": 18.0, "inCardio": 24.0, "inPeak": 2.0},
        ),
        ("activeZoneMinutes", {"sumInCardioHeartZone": 24}, {"inFatBurn": 0.0, "inCardio": 24.0, "inPeak": 0.0}),
        ("activeZoneMinutes", {}, {"inFatBurn": 0.0, "inCardio": 0.0, "inPeak": 0.0}),
        *((key, None, None) for key in PARSERS),
    ],
)
def test_a_sum_becomes_the_record_of_its_date(key: str, value: object, expected: Plain | None) -> None:
    parse, measurement = PARSERS[key]
    parsed = parse([summed(point(key, value))], TENTH)
    assert_in_contract(parsed, TENTH)
    assert rows(parsed, "2026-03-10", measurement) == ([{"time": NOON, **expected}] if expected else [])
    assert parsed.rejected == {}


@pytest.mark.parametrize(("parse", "measurement"), PARSERS.values())
def test_a_date_on_which_nothing_was_worn_has_no_record(parse: Parser, measurement: str) -> None:
    body = summed({name: value for name, value in point("x", 1).items() if name != "x"})
    for nothing in (body, b"{}", summed()):
        parsed = parse([nothing], TENTH)
        assert rows(parsed, "2026-03-10", measurement) == []
        assert parsed.rejected == {}


def test_an_unknown_zone_is_counted_and_the_others_stay() -> None:
    value = zones(zone("PEAK", "60s"), zone("ORBIT", "60s"), zone(None, "60s"))
    parsed = rollups.zones([summed(point("timeInHeartRateZone", value))], TENTH)
    assert rows(parsed, "2026-03-10", "HR_Zones") == [{"time": NOON, "PEAK": 1.0}]
    assert parsed.rejected == {"a zone that is not known": 2}


def test_every_point_belongs_to_its_own_date_and_others_than_asked_are_dropped() -> None:
    points = [point("steps", {"countSum": str(day)}, f"2026-03-{day:02}") for day in (11, 9, 10)]
    parsed = rollups.steps([summed(points[0]), summed(*points[1:])], asked("2026-03-09", "2026-03-10"))
    found = {str(on): rows(parsed, str(on), name)[0]["value"] for on, name in parsed.tables}
    assert found == {"2026-03-09": 9.0, "2026-03-10": 10.0}
    assert parsed.rejected == {}


@pytest.mark.parametrize(
    ("until", "clock", "accepted"),
    [
        ("2026-03-11", {}, True),
        ("2026-03-10", {"hours": 23, "minutes": 59, "seconds": 59}, True),
        ("2026-03-11", {"seconds": 1}, False),
        ("2026-03-12", {}, False),
        ("2027-03-10", {}, False),
        ("2026-03-11", {"hours": 1e14}, False),
        ("2026-03-11", {"hours": True}, False),
    ],
)
def test_a_window_longer_than_a_date_is_no_date(until: str, clock: Json, accepted: bool) -> None:  # noqa: FBT001
    one = point("steps", {"countSum": "8421"}, until=until)
    one["civilEndTime"] = {"date": date(until), "time": clock}
    parsed = rollups.steps([summed(one)], TENTH)
    assert bool(parsed.tables) is accepted
    assert sum(parsed.rejected.values()) == (0 if accepted else 1)


def test_a_window_need_not_say_where_it_ends() -> None:
    one = point("steps", {"countSum": "8421"})
    del one["civilEndTime"]
    assert rows(rollups.steps([summed(one)], TENTH), "2026-03-10", "Activity-steps") == [
        {"time": NOON, "value": 8421.0}
    ]


@pytest.mark.parametrize(
    ("key", "bad"),
    [
        ("steps", {"countSum": "-1"}),
        ("steps", {"countSum": True}),
        ("steps", {"countSum": "many"}),
        ("steps", {"countSum": "9" * 400}),
        ("steps", {"countSum": [1]}),
        ("steps", 7),
        ("steps", []),
        ("distance", {"millimetersSum": {}}),
        ("totalCalories", {"kcalSum": -5.5}),
        ("sedentaryPeriod", {"durationSum": 36000}),
        ("sedentaryPeriod", {"durationSum": "-60s"}),
        ("sedentaryPeriod", {"durationSum": "10m"}),
        ("timeInHeartRateZone", zones(None)),
        ("timeInHeartRateZone", zones(zone("PEAK", "-1s"))),
        ("timeInHeartRateZone", {"timeInHeartRateZones": {}}),
        ("activeZoneMinutes", {"sumInPeakHeartZone": "-1"}),
    ],
)
def test_a_bad_sum_costs_only_its_own_date(key: str, bad: object) -> None:
    parse, measurement = PARSERS[key]
    good = {
        "sedentaryPeriod": {"durationSum": "60s"},
        "timeInHeartRateZone": zones(zone("PEAK", "60s")),
    }.get(key, {})
    parsed = parse([summed(point(key, bad), point(key, good, "2026-03-11"))], MARCH)
    assert [(str(on), name) for on, name in parsed.tables] == [("2026-03-11", measurement)]
    assert sum(parsed.rejected.values()) == 1


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        {"steps": {"countSum": "1"}},
        {"civilStartTime": 7, "steps": {"countSum": "1"}},
        {"civilStartTime": {"date": {"year": 2026, "month": 2, "day": 30}}, "steps": {"countSum": "1"}},
        {"civilStartTime": {"date": {"year": 9999, "month": 1, "day": 1}}, "steps": {"countSum": "1"}},
        {"civilStartTime": {"date": {"year": 2026, "month": True, "day": 1}}, "steps": {"countSum": "1"}},
    ],
)
def test_a_bad_point_costs_only_itself(bad: object) -> None:
    parsed = rollups.steps([summed(bad, point("steps", {"countSum": "8421"}))], TENTH)
    assert rows(parsed, "2026-03-10", "Activity-steps") == [{"time": NOON, "value": 8421.0}]
    assert sum(parsed.rejected.values()) == 1


def test_what_is_no_answer_is_a_bad_answer() -> None:
    for body in (b"", b"[]", b'{"rollupDataPoints":{}}'):
        with pytest.raises(BadAnswer):
            rollups.steps([body], TENTH)
