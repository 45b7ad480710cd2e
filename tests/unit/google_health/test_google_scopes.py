"""What a login was granted decides what is asked; the rest is refused with the boxes to tick."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from cromwelld.errors import Refused
from cromwelld.events import Kind
from cromwelld.pieces import Answer, Outcome
from cromwelld.simulator.google_health import Options
from cromwelld.sources.google_health.scopes import SCOPES, granted, missing
from cromwelld.sources.google_health.streams import STREAMS
from tests.support.google import BERLIN, TRACKER, Cloud, Seen, Setup, fetching, pieces
from tests.support.google_points import daily, interval, sample

DATE = "2026-03-11"
PREFIX = "https://www.googleapis.com/auth/googlehealth."
ALL = frozenset(
    f"{PREFIX}{name}.readonly"
    for name in ("activity_and_fitness", "health_metrics_and_measurements", "sleep", "settings", "location")
)
# by hand from the vendor's table of types: what nobody may ask without the scope
NEEDS = {
    "activity_and_fitness": {
        "steps": "steps",
        "total_steps": "steps",
        "total_calories": "total-calories",
        "total_distance": "distance",
        "total_floors": "floors",
        "minutes_sedentary": "sedentary-period",
        "heart_rate_zones": "time-in-heart-rate-zone",
        "zone_minutes": "active-zone-minutes",
        "zone_minutes_intraday": "active-zone-minutes",
        "activity_levels": "activity-level",
        "vo2_max": "daily-vo2-max",
        "activities": "exercise",
        "gps": "exercise",
    },
    "health_metrics_and_measurements": {
        "heart_rate": "heart-rate",
        "spo2_intraday": "oxygen-saturation",
        "hrv_intraday": "heart-rate-variability",
        "breathing_stages": "respiratory-rate-sleep-summary",
        "resting_heart_rate": "daily-resting-heart-rate",
        "hrv": "daily-heart-rate-variability",
        "spo2": "daily-oxygen-saturation",
        "breathing_rate": "daily-respiratory-rate",
        "skin_temperature": "daily-sleep-temperature-derivations",
        "weight": "weight",
        "body_fat": "body-fat",
    },
    "sleep": {"sleep": "sleep"},
    "settings": {"devices": "pairedDevices"},
    "location": {"gps": "exportExerciseTcx"},
}
BOXES = {
    "activity_and_fitness": '"activity and fitness"',
    "health_metrics_and_measurements": '"health metrics and measurements"',
    "sleep": '"sleep"',
    "settings": '"settings"',
    "location": '"location"',
}
CLOUD = Cloud(
    known={
        "heart-rate": [sample("11 12:00", beatsPerMinute="61")],
        "steps": [interval("11 12:00", "11 12:01", count="5")],
        "exercise": [
            interval("11 17:00", "11 18:00", id="8", exerciseType="RUNNING", exerciseMetadata={"hasGps": True})
        ],
        "daily-resting-heart-rate": [daily(11, beatsPerMinute="58")],
    },
    routes={"8": "<TrainingCenterDatabase></TrainingCenterDatabase>"},
)


def login(*left_out: str, zone: str | None = BERLIN, last_zone: str | None = None) -> Setup:
    """Log in without some scopes, at a vendor who holds to that."""
    has = ALL - {f"{PREFIX}{name}.readonly" for name in left_out}
    options = Options(quota=None, scopes=frozenset(scope.removeprefix(PREFIX) for scope in has))
    return Setup(options=options, granted=has, zone=zone, last_zone=last_zone)


async def fetched(
    setup: Setup, streams: Collection[str] = tuple(STREAMS), cloud: Cloud = CLOUD
) -> tuple[dict[str, Answer], list[Seen]]:
    async with fetching(cloud, setup) as one:
        answers = await one.all(pieces(DATE, streams=streams))
    return {stream: answer for (stream, _), answer in answers.items()}, one.seen


def test_every_scope_is_asked_for() -> None:
    assert frozenset(SCOPES) == ALL
    assert set().union(*(NEEDS[name] for name in NEEDS)) == set(STREAMS)


async def test_with_every_scope_nothing_is_refused() -> None:
    answers, seen = await fetched(login())
    assert {answer.outcome for answer in answers.values()} == {Outcome.OK, Outcome.EMPTY}
    assert {one.status for one in seen} == {200}


@pytest.mark.parametrize("left_out", NEEDS)
async def test_without_a_scope_exactly_its_streams_are_refused(left_out: str) -> None:
    answers, seen = await fetched(login(left_out))
    refused = {name for name, answer in answers.items() if answer.outcome is Outcome.REFUSED}
    assert refused == set(NEEDS[left_out])
    assert len(answers) == len(STREAMS)
    for name in refused:
        assert BOXES[left_out] in answers[name].reason
        assert "log in again and tick" in answers[name].reason
        assert not answers[name].tables
        assert answers[name].measurements == STREAMS[name].measurements
    assert {one.status for one in seen} == {200}
    for kind in NEEDS[left_out].values():
        assert not [one for one in seen if kind in {one.kind, one.operation, one.path.rpartition("/")[2]}], kind


async def test_each_missing_box_is_named() -> None:
    answers, _ = await fetched(login("activity_and_fitness", "location"))
    assert '"activity and fitness" and "location"' in answers["gps"].reason
    answers, _ = await fetched(login("location"))
    assert '"activity and fitness"' not in answers["gps"].reason
    assert answers["activities"].outcome is Outcome.OK


@pytest.mark.parametrize("left_out", ["activity_and_fitness", "location"])
async def test_tracks_alone_without_a_scope_ask_for_nothing(left_out: str) -> None:
    answers, seen = await fetched(login(left_out), ["gps"])
    assert answers["gps"].outcome is Outcome.REFUSED
    assert seen == []


async def test_with_no_scope_at_all_nothing_is_sent() -> None:
    answers, seen = await fetched(login(*NEEDS))
    assert {answer.outcome for answer in answers.values()} == {Outcome.REFUSED}
    assert len(answers) == len(STREAMS)
    assert seen == []


async def test_without_settings_there_is_no_zone_from_the_vendor_and_no_device() -> None:
    async with fetching(CLOUD, login("settings", zone=None)) as one:
        answers = await one.all(pieces(DATE, streams=["heart_rate", "resting_heart_rate", "devices"]))
        assert len(one.said(Kind.ZONE_UNKNOWN)) == 1
        assert not [seen for seen in one.seen if not seen.kind]
    for stream in ("heart_rate", "resting_heart_rate"):
        assert answers[stream, DATE].outcome is Outcome.FAILED
        assert "timezone" in answers[stream, DATE].reason
        assert "settings" in answers[stream, DATE].reason
        assert answers[stream, DATE].device == ""
    assert answers["devices", DATE].outcome is Outcome.REFUSED


@pytest.mark.parametrize(("zone", "last_zone"), [(BERLIN, None), (None, BERLIN)])
async def test_without_settings_a_zone_that_is_known_works(zone: str | None, last_zone: str | None) -> None:
    answers, _ = await fetched(login("settings", zone=zone, last_zone=last_zone), ["resting_heart_rate", "heart_rate"])
    (row,) = answers["resting_heart_rate"].tables["RestingHR"].to_pylist()
    assert (row["time"].isoformat(), row["field_value"]) == ("2026-03-11T11:00:00+00:00", 58.0)
    assert {answer.outcome for answer in answers.values()} == {Outcome.OK}
    assert {answer.zone for answer in answers.values()} == {BERLIN}


async def test_with_settings_the_zone_and_the_device_are_the_vendors() -> None:
    cloud = Cloud(known=CLOUD.known, zone="Asia/Tokyo", devices=[TRACKER])
    answers, _ = await fetched(login(zone=None), ["resting_heart_rate", "devices"], cloud)
    (row,) = answers["resting_heart_rate"].tables["RestingHR"].to_pylist()
    assert row["time"].isoformat() == "2026-03-11T03:00:00+00:00"
    assert {answer.zone for answer in answers.values()} == {"Asia/Tokyo"}
    assert answers["resting_heart_rate"].device == "Charge 6"


@pytest.mark.parametrize("left_out", [name for name in NEEDS if name != "settings"])
async def test_when_nobody_knows_what_was_granted_the_vendor_refuses(left_out: str) -> None:
    known = login(left_out)
    async with fetching(CLOUD, Setup(options=known.options, granted=None)) as one:
        answers = await one.all(pieces(DATE))
    refused = {stream for (stream, _), answer in answers.items() if answer.outcome is Outcome.REFUSED}
    assert refused == set(NEEDS[left_out])
    assert all("tick" in answers[stream, DATE].reason for stream in refused)


def test_the_token_response_is_read_in_any_order() -> None:
    text = " ".join(sorted(ALL)) + f"  {PREFIX}nutrition.readonly"
    assert missing(SCOPES, granted(text)) is None
    assert granted("") == frozenset()


def test_what_is_missing_is_named_without_its_common_beginning() -> None:
    refusal = missing((f"{PREFIX}sleep.readonly",), ALL - {f"{PREFIX}sleep.readonly"})
    assert isinstance(refusal, Refused)
    assert str(refusal) == "the login does not include sleep.readonly"
    assert refusal.hint == 'log in again and tick "sleep" on Google\'s page'
    assert missing((f"{PREFIX}sleep.readonly",), None) is None
