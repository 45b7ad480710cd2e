"""Trouble at Google: it stays with its stream, or ends the fetch; exercises with and without a route."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest
from aiohttp import web

from cromwelld.errors import CromwelldError, LoginNeeded, PersonNeeded
from cromwelld.events import Kind
from cromwelld.pieces import Outcome
from cromwelld.simulator.google_health import Options
from cromwelld.simulator.google_health.options import Account
from cromwelld.simulator.google_health.points import Point
from cromwelld.sources.client import Limits
from cromwelld.sources.google_health.streams import STREAMS
from tests.support.google import Cloud, Seen, Setup, fetching, pieces, times
from tests.support.google_points import daily, interval, sample

MARCH = "2026-03-10"
TRACK = "exportExerciseTcx"
SOME = Cloud(
    known={
        "heart-rate": [sample("10 12:00", beatsPerMinute="61")],
        "steps": [interval("10 12:00", "10 12:01", count="10")],
        "daily-resting-heart-rate": [daily(10, beatsPerMinute="58")],
        "weight": [sample("10 06:30", id="9", weightGrams=70500)],
    }
)


@pytest.mark.parametrize("status", [400, 403, 404, 412, 500, 503])
@pytest.mark.parametrize("kind", ["heart-rate", "steps", "sleep", "exercise", "total-calories"])
async def test_one_failing_type_takes_no_other_with_it(kind: str, status: int) -> None:
    def failing(seen: Seen) -> web.Response | None:
        error = {"error": {"code": status, "message": "", "status": "X", "details": []}}
        return web.json_response(error, status=status) if seen.kind == kind else None

    streams = {
        "heart-rate": {"heart_rate"},
        "steps": {"steps", "total_steps"},
        "sleep": {"sleep"},
        "exercise": {"activities", "gps"},
        "total-calories": {"total_calories"},
    }[kind]
    async with fetching(SOME, Setup(failing=failing)) as one:
        answers = await one.all(pieces(MARCH))
    troubled = {stream for (stream, _), answer in answers.items() if not answer.outcome.answered}
    assert troubled == streams
    expected = Outcome.REFUSED if status in {403, 412} else Outcome.FAILED
    assert {answers[stream, MARCH].outcome for stream in streams} == {expected}
    assert all(not answers[stream, MARCH].tables for stream in streams)


@pytest.mark.parametrize(
    ("account", "error", "hint"),
    [
        ("not_linked", PersonNeeded, "Google Health app"),
        ("api_disabled", PersonNeeded, "https://console.cloud.google.com/"),
        ("dead_token", LoginNeeded, "log in again"),
    ],
)
async def test_an_account_that_nobody_can_read_ends_the_fetch(
    account: Account, error: type[CromwelldError], hint: str
) -> None:
    options = Options(quota=None, account=account)
    async with fetching(SOME, Setup(options=options, limits=Limits(concurrency=4))) as one:
        with pytest.raises(error) as caught:
            await one.all(pieces("2026-03-01", MARCH))
        assert len(one.seen) <= 4
        assert one.said(Kind.REQUEST_RETRIED) == []
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("account", "hint"),
    [
        ("not_migrated", "move the old Fitbit account"),
        ("not_authorized", "Google Cloud project"),
        ("no_profile", "app"),
    ],
)
async def test_an_account_that_is_refused_says_so_stream_by_stream(account: Account, hint: str) -> None:
    async with fetching(SOME, Setup(options=Options(quota=None, account=account))) as one:
        answers = await one.all(pieces(MARCH))
        assert one.said(Kind.REQUEST_RETRIED) == []
    assert len(answers) == len(STREAMS)
    assert {answer.outcome for answer in answers.values()} == {Outcome.REFUSED}
    assert all(hint in answer.reason for answer in answers.values())


async def test_streams_that_are_left_out_are_never_asked() -> None:
    async with fetching(SOME, Setup(leave_out=frozenset({"heart_rate", "gps", "devices"}))) as one:
        answers = await one.all(pieces(MARCH))
        assert one.asked("heart-rate") == []
        assert {seen.path for seen in one.seen if not seen.kind} == set()
        assert set(one.source.streams) == set(STREAMS) - {"heart_rate", "gps", "devices"}
    left = {stream for (stream, _), answer in answers.items() if answer.outcome is Outcome.NOT_OFFERED}
    assert left == {"heart_rate", "gps", "devices"}


async def test_a_night_that_is_still_computed_fails_its_own_date_alone() -> None:
    nights = [
        interval(f"{number - 1} 22:00", f"{number} 06:00", id=str(number), type="CLASSIC", summary=slept, metadata=told)
        for number, slept, told in (
            (9, {"minutesAsleep": "470", "minutesInSleepPeriod": "480"}, {"processed": True}),
            (10, {"minutesAsleep": "460", "minutesInSleepPeriod": "480"}, {"processed": True}),
            (11, {}, {"processed": False}),
        )
    ]
    async with fetching(Cloud(known={"sleep": nights})) as one:
        answers = await one.all(pieces("2026-03-09", "2026-03-11", streams=["sleep"]))
    assert answers["sleep", "2026-03-11"].outcome is Outcome.FAILED
    assert answers["sleep", "2026-03-09"].outcome is Outcome.OK
    assert answers["sleep", "2026-03-10"].outcome is Outcome.OK


@pytest.mark.parametrize(("status", "outcome"), [(403, Outcome.REFUSED), (404, Outcome.FAILED), (503, Outcome.FAILED)])
async def test_a_weight_waits_for_heights_that_may_come_back(status: int, outcome: Outcome) -> None:
    """Without its index it would take the place of one that has it."""

    def failing(seen: Seen) -> web.Response | None:
        return web.json_response({"error": {"code": status}}, status=status) if seen.kind == "height" else None

    async with fetching(SOME, Setup(failing=failing)) as one:
        answers = await one.all(pieces(MARCH))
        assert one.said(Kind.VALUE_LACKING) == []
    assert {stream for (stream, _), answer in answers.items() if not answer.outcome.answered} == {"weight"}
    assert (answers["weight", MARCH].outcome, answers["weight", MARCH].tables) == (outcome, {})
    assert "height: " in answers["weight", MARCH].reason or status == 503


async def test_heights_that_google_does_not_have_cost_the_index_alone() -> None:
    def failing(seen: Seen) -> web.Response | None:
        details = [
            {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "INVALID_PARENT_DATA_TYPE_COLLECTION"}
        ]
        error = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "details": details}}
        return web.json_response(error, status=400) if seen.kind == "height" else None

    async with fetching(SOME, Setup(failing=failing)) as one:
        answers = await one.all(pieces(MARCH, streams=["weight"]))
        (said,) = one.said(Kind.VALUE_LACKING)
    assert (said.fields["stream"], said.fields["lacks"]) == ("weight", "height")
    (weighed,) = answers["weight", MARCH].tables["Weight"].to_pylist()
    assert (weighed["field_weight_kg"], weighed["field_bmiDerived"]) == (70.5, None)


async def test_a_page_of_html_reaches_no_parser() -> None:
    def failing(seen: Seen) -> web.Response | None:
        page = web.Response(text="<!DOCTYPE html><title>404</title>", content_type="text/html", status=404)
        return page if seen.kind else None

    async with fetching(SOME, Setup(failing=failing)) as one:
        answers = await one.all(pieces(MARCH))
    failed = {stream for (stream, _), answer in answers.items() if answer.outcome is Outcome.FAILED}
    assert failed == set(STREAMS) - {"devices"}
    assert all("web page" in answers[stream, MARCH].reason for stream in failed)


async def test_a_fetch_that_is_left_early_leaves_nothing_running() -> None:
    before = asyncio.all_tasks()
    async with fetching(SOME, Setup(limits=Limits(concurrency=1))) as one:
        async with aclosing(one.source.fetch(pieces("2026-03-01", MARCH))) as answers:
            async for _ in answers:
                break
        sent = len(one.seen)
        left = {task for task in asyncio.all_tasks() - before if "cromwelld/sources" in repr(task.get_coro())}
        assert left == set()
        await one.all(pieces(MARCH, streams=["sleep"]))
        assert len(one.seen) <= sent + 2  # the one under way, and the new one


def route(hour: int) -> str:
    position = "<Position><LatitudeDegrees>56.5</LatitudeDegrees><LongitudeDegrees>3.4</LongitudeDegrees></Position>"
    point = f"<Trackpoint><Time>2026-03-10T{hour:02}:00:05Z</Time>{position}</Trackpoint>"
    lap = f"<Activity><Lap><Track>{point}</Track></Lap></Activity>"
    return f"<TrainingCenterDatabase><Activities>{lap}</Activities></TrainingCenterDatabase>"


def outing(hour: int, number: int) -> Point:
    return interval(
        f"10 {hour:02}:00",
        f"10 {hour:02}:30",
        id=str(number),
        exerciseType="RUNNING",
        exerciseMetadata={"hasGps": True},
        metricsSummary={"caloriesKcal": 10.0},
    )


OUTINGS = Cloud(
    known={"exercise": [outing(9, 7), outing(12, 8), outing(15, 9), interval("10 18:00", "10 18:30", id="10")]},
    routes={"7": route(9), "8": route(12), "9": route(15)},
)


def track_of(number: str, answer: web.Response) -> Setup:
    def failing(seen: Seen) -> web.Response | None:
        return answer if seen.path.endswith(f"/{number}:exportExerciseTcx") else None

    return Setup(failing=failing)


async def test_every_track_of_a_date_is_asked_once() -> None:
    async with fetching(OUTINGS) as one:
        answers = await one.all(pieces("2026-03-09", MARCH, streams=["gps", "activities"]))
        assert len(one.asked("exercise", "reconcile")) == 1
        assert sorted(seen.path.rpartition("/")[2].partition(":")[0] for seen in one.asked("exercise", TRACK)) == [
            "7",
            "8",
            "9",
        ]
    assert [at.hour for at in times(answers["gps", MARCH], "GPS")] == [9, 12, 15]
    assert answers["gps", "2026-03-09"].outcome is Outcome.EMPTY
    assert answers["activities", MARCH].rows == 4


@pytest.mark.parametrize(
    "absent",
    [
        web.json_response,
        lambda: web.json_response({"error": {"code": 404, "status": "NOT_FOUND"}}, status=404),
        lambda: web.json_response({"tcxData": ""}),
        lambda: web.Response(text="", content_type="application/vnd.garmin.tcx+xml"),
    ],
    ids=["empty object", "not found", "empty data", "nothing"],
)
async def test_an_exercise_without_a_route_takes_no_other_with_it(absent: Callable[[], web.Response]) -> None:
    async with fetching(OUTINGS, track_of("8", absent())) as one:
        answers = await one.all(pieces(MARCH, streams=["gps"]))
        assert one.said(Kind.RECORDS_REJECTED) == []
    assert [at.hour for at in times(answers["gps", MARCH], "GPS")] == [9, 15]


@pytest.mark.parametrize("status", [500, 403])
async def test_a_track_that_may_come_later_fails_the_date(status: int) -> None:
    def failing(seen: Seen) -> web.Response | None:
        refused = web.json_response({"error": {"code": status}}, status=status)
        return refused if seen.path.endswith("/8:exportExerciseTcx") else None

    async with fetching(OUTINGS, Setup(failing=failing)) as one:
        answers = await one.all(pieces(MARCH, streams=["gps", "activities"]))
    assert answers["gps", MARCH].outcome is (Outcome.REFUSED if status == 403 else Outcome.FAILED)
    assert answers["gps", MARCH].rows == 0
    assert answers["activities", MARCH].outcome is Outcome.OK
