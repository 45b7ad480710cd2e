"""Every error body of the reference through the whole source: its outcome, its sentence, and what it ends."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from cromwelld.errors import CromwelldError, LoginNeeded, OutOfBudget, PersonNeeded
from cromwelld.pieces import Answer, Outcome
from cromwelld.sources.google_health.streams import STREAMS
from tests.support.far_side import Reply
from tests.support.reference import reference
from tests.unit.google_health.google_fates import (
    BODIES,
    ENDING,
    EXERCISE,
    FAILED,
    FILTER_REASONS,
    HRV,
    OK,
    ONE_AT_A_TIME,
    PASSING,
    REFUSED,
    SLEEP,
    STEPS,
    UNSUPPORTED,
    assert_nothing_else_failed,
    body_of,
    lay_data,
    refusal,
)
from tests.unit.google_health.google_reading import (
    DATE,
    DEVICES,
    HTML_TYPE,
    SETTINGS,
    Circumstances,
    Fetching,
    Vendor,
    fetching,
    names,
    pieces,
    points,
    sample,
    sent,
    track,
)


def test_every_body_has_its_fate() -> None:
    reference("google-health/errors")
    samples = [name for name in names("samples") if name.startswith("error.")]
    assert sorted(BODIES) == sorted([*names("errors"), *samples])


@pytest.mark.parametrize("name", PASSING)
async def test_a_body_that_fails_one_stream_leaves_the_others_alone(name: str) -> None:
    fate, vendor = PASSING[name], Vendor()
    lay_data(vendor)
    vendor.lay(HRV, sent(body_of(name), fate.status))
    async with fetching(vendor) as one:
        found = await one.all(pieces())
    failing = found["hrv", DATE]
    assert failing.outcome is fate.outcome
    assert failing.tables == {}
    assert fate.says in failing.reason
    assert failing.reason.startswith(str(fate.status))
    assert vendor.asked(HRV) == fate.times
    assert one.ended is None
    assert_nothing_else_failed(found, "hrv")


@pytest.mark.parametrize("name", ENDING)
async def test_a_body_that_ends_everything_is_asked_for_once(name: str) -> None:
    """One request at a time: the first answer is the last; every stream says why, and the end is raised behind them."""
    fate, vendor = ENDING[name], Vendor()
    vendor.otherwise = sent(body_of(name), fate.status)
    async with fetching(vendor, ONE_AT_A_TIME) as one:
        found = await one.all(pieces())
    assert len(vendor.seen) == 1
    assert type(one.ended) is fate.ends
    assert {stream for stream, _ in found} == STREAMS.keys()
    assert {answer.outcome for answer in found.values()} == {FAILED}
    assert all(fate.says in answer.reason for answer in found.values())
    assert one.waits.seconds == []


@pytest.mark.parametrize("name", ENDING)
async def test_what_came_before_the_end_is_kept(name: str) -> None:
    """The requests go out in a fixed order: exercises first, then the devices, then the ranges."""
    fate, vendor = ENDING[name], Vendor()
    vendor.lay(EXERCISE, sent(sample("exercise.list")))
    vendor.lay(track("3001"), sent(sample("exercise.exportExerciseTcx")))
    vendor.lay(points("heart-rate"), sent(sample("heart-rate.reconcile")))
    vendor.lay(points("sleep"), sent(body_of(name), fate.status))
    async with fetching(vendor, ONE_AT_A_TIME) as one:
        found = await one.all(pieces())
    assert type(one.ended) is fate.ends
    assert found["activities", DATE].outcome is OK
    assert found["heart_rate", DATE].outcome is OK
    assert found["sleep", DATE].outcome is FAILED
    assert vendor.asked(SLEEP) == 1
    assert [seen.path for seen in vendor.seen].index(SLEEP) == len(vendor.seen) - 1
    assert {stream for stream, _ in found} == STREAMS.keys()


@pytest.mark.parametrize("name", ENDING)
async def test_requests_in_flight_are_the_last_ones(name: str) -> None:
    fate, vendor = ENDING[name], Vendor()
    vendor.otherwise = sent(body_of(name), fate.status)
    async with fetching(vendor, Circumstances(concurrency=5)) as one:
        found = await one.all(pieces())
    assert len(vendor.seen) <= 5
    assert len(found) == len(STREAMS)


@pytest.mark.parametrize("name", ENDING)
async def test_an_end_at_the_settings_ends_everything(name: str) -> None:
    fate, vendor = ENDING[name], Vendor()
    vendor.otherwise = sent(body_of(name), fate.status)
    async with fetching(vendor, Circumstances(zone=None, last_zone="Europe/Paris", concurrency=1)) as one:
        found = await one.all(pieces(["hrv"]))
    assert type(one.ended) is fate.ends
    assert len(vendor.seen) == 1
    assert found["hrv", DATE].outcome is FAILED


@pytest.mark.parametrize("name", PASSING)
async def test_settings_that_cannot_be_had_leave_the_last_known_zone(name: str) -> None:
    fate, vendor = PASSING[name], Vendor()
    lay_data(vendor)
    vendor.lay(SETTINGS, sent(body_of(name), fate.status))
    async with fetching(vendor, Circumstances(zone=None, last_zone="Asia/Tokyo")) as one:
        found = await one.all(pieces())
    assert_nothing_else_failed(found)
    assert {answer.zone for answer in found.values()} == {"Asia/Tokyo"}


@pytest.mark.parametrize("name", PASSING)
async def test_devices_that_cannot_be_had(name: str) -> None:
    fate, vendor = PASSING[name], Vendor()
    lay_data(vendor)
    vendor.lay(DEVICES, sent(body_of(name), fate.status))
    async with fetching(vendor) as one:
        found = await one.all(pieces())
    assert found["devices", DATE].outcome is fate.outcome
    assert_nothing_else_failed(found, "devices")


@pytest.mark.parametrize("name", PASSING)
async def test_exercises_that_cannot_be_had_fail_their_tracks_too(name: str) -> None:
    fate, vendor = PASSING[name], Vendor()
    lay_data(vendor)
    vendor.lay(EXERCISE, sent(body_of(name), fate.status))
    async with fetching(vendor) as one:
        found = await one.all(pieces())
    assert {found[stream, DATE].outcome for stream in ("activities", "gps")} == {fate.outcome}
    assert_nothing_else_failed(found, "activities", "gps")


@pytest.mark.parametrize("name", [name for name, fate in PASSING.items() if fate.status in {403, 503}])
async def test_a_track_that_cannot_be_had_now_leaves_the_exercises(name: str) -> None:
    fate, vendor = PASSING[name], Vendor()
    lay_data(vendor)
    vendor.lay(EXERCISE, sent(sample("exercise.list")))
    vendor.lay(track("3001"), sent(body_of(name), fate.status))
    async with fetching(vendor) as one:
        found = await one.all(pieces())
    assert found.pop(("activities", DATE)).outcome is OK
    assert found["gps", DATE].outcome is fate.outcome
    assert_nothing_else_failed({**found, ("activities", DATE): found["sleep", DATE]}, "gps")


# Part 11 of the reference, row by row: what is sent in place of one stream's answer, and what must be said of it.


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of the table; `stream` is asked, `path` answers so."""

    reply: Reply
    says: str
    outcome: Outcome = FAILED
    ends: type[CromwelldError] | None = None
    times: int = 1
    stream: str = "hrv"
    path: str = HRV


_BEARER = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
_UBERMINT = refusal(403, "PERMISSION_DENIED")
_PAGE = Reply(b"<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>", status=404, headers=HTML_TYPE)
_UNKNOWN_TYPE = refusal(400, "INVALID_ARGUMENT", "INVALID_PARENT_DATA_TYPE_COLLECTION")
_NO_ROLLUP = json.dumps(
    {
        "error": {
            "code": 400,
            "message": "DailyRollup is not supported for data type floors",
            "status": "INVALID_ARGUMENT",
        }
    }
).encode()
_QUOTA = refusal(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED")

ROWS: dict[str, Row] = {
    **{
        f"400 {reason}": Row(reply=sent(refusal(400, "INVALID_ARGUMENT", reason), 400), says="request for wrong")
        for reason in (*FILTER_REASONS, "INVALID_TIME_RANGE", "INVALID_DATA_POINT_DATA_SOURCE_FAMILY")
    },
    "400 a sum over too long a time, of one date": Row(
        reply=sent(refusal(400, "INVALID_ARGUMENT", "INVALID_ROLLUP_QUERY_DURATION", maxDurationDays="14"), 400),
        says="request for wrong",
        stream="total_steps",
        path=STEPS,
    ),
    "400 unknown type": Row(reply=sent(_UNKNOWN_TYPE, 400), says="no such data", outcome=UNSUPPORTED),
    "400 account not linked": Row(
        reply=sent(refusal(400, "FAILED_PRECONDITION", "ACCOUNT_NOT_LINKED", redirect_uri="https://example.com"), 400),
        says="this Google account has no Google Health profile",
        ends=PersonNeeded,
    ),
    "400 no dailyRollUp for this type": Row(
        reply=sent(_NO_ROLLUP, 400),
        says="no such data",
        outcome=UNSUPPORTED,
        stream="total_floors",
        path=points("floors", "dailyRollUp"),
    ),
    "401 dead token": Row(
        reply=sent(refusal(401, "UNAUTHENTICATED"), 401, **{"WWW-Authenticate": _BEARER}),
        says="login",
        ends=LoginNeeded,
    ),
    "401 no token": Row(
        reply=sent(refusal(401, "UNAUTHENTICATED", "CREDENTIALS_MISSING"), 401), says="login", ends=LoginNeeded
    ),
    "403 scope, as sent": Row(
        reply=sent(refusal(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"), 403),
        says="tick every box",
        outcome=REFUSED,
    ),
    "403 scope, as documented": Row(
        reply=sent(refusal(403, "PERMISSION_DENIED", "MISSING_OAUTH_SCOPE"), 403),
        says="tick every box",
        outcome=REFUSED,
    ),
    "403 API not enabled": Row(
        reply=sent(refusal(403, "PERMISSION_DENIED", "SERVICE_DISABLED"), 403), says="not enabled", ends=PersonNeeded
    ),
    "403 old account": Row(reply=sent(_UBERMINT, 403), says="move the old Fitbit account to Google", outcome=REFUSED),
    "404 page": Row(reply=_PAGE, says="a web page came back"),
    "404 JSON": Row(reply=sent(refusal(404, "NOT_FOUND"), 404), says="nothing there"),
    "412 profile not set up": Row(
        reply=sent(refusal(412, "FAILED_PRECONDITION"), 412), says="finish the set-up", outcome=REFUSED
    ),
    "429 quota": Row(reply=sent(_QUOTA, 429), says="quota", ends=OutOfBudget),
    "500 INTERNAL": Row(reply=sent(refusal(500, "INTERNAL"), 500), says="500 INTERNAL: Google is away", times=3),
    "502 a page": Row(reply=Reply(b"<html>502</html>", status=502, headers=HTML_TYPE), says="Google is away", times=3),
    "503 UNAVAILABLE": Row(reply=sent(refusal(503, "UNAVAILABLE"), 503), says="503 UNAVAILABLE: Google", times=3),
    "504 DEADLINE_EXCEEDED": Row(reply=sent(refusal(504, "DEADLINE_EXCEEDED"), 504), says="504 DEADLINE", times=3),
    "200 a page": Row(reply=Reply(b"<html>hello</html>", headers=HTML_TYPE), says="not whole JSON", times=3),
    "200 cut in the middle": Row(
        reply=Reply(b'{"dataPoints":[' * 500, cut=True), says="the connection failed", times=3
    ),
    "200 a list": Row(reply=sent([]), says="not a JSON object"),
    "200 points that are no list": Row(reply=sent({"dataPoints": 5}), says="dataPoints is not a list"),
    "302 elsewhere": Row(reply=sent({}, 302, Location="https://example.com/x"), says="Google is away", times=3),
}


async def _at(vendor: Vendor, row: Row) -> tuple[Fetching, dict[tuple[str, str], Answer]]:
    lay_data(vendor)
    vendor.lay(row.path, row.reply)
    async with fetching(vendor, USUAL_QUOTA) as one:
        return one, await one.all(pieces())


USUAL_QUOTA = Circumstances(quota_wait_s=0.0)


@pytest.mark.parametrize("name", ROWS)
async def test_a_row_of_the_table(name: str) -> None:
    row, vendor = ROWS[name], Vendor()
    one, found = await _at(vendor, row)
    failing = found[row.stream, DATE]
    assert (failing.outcome, failing.tables) == (row.outcome, {})
    assert row.says in failing.reason
    assert len(failing.reason) > len("400 ")
    assert vendor.asked(row.path) == row.times
    if row.ends is None:
        assert one.ended is None
        assert_nothing_else_failed(found, row.stream)
    else:
        assert type(one.ended) is row.ends
        assert one.ended.hint or isinstance(one.ended, OutOfBudget)
        assert {stream for stream, _ in found} == STREAMS.keys()


@pytest.mark.parametrize("name", ROWS)
async def test_no_two_dates_are_lost_with_a_failing_range(name: str) -> None:
    """Every date of a range that failed says so."""
    row, vendor = ROWS[name], Vendor()
    vendor.lay(row.path, row.reply)
    async with fetching(vendor) as one:
        found = await one.all(pieces([row.stream], "2026-03-08", DATE))
    assert sorted(date for _, date in found) == ["2026-03-08", "2026-03-09", DATE]
    assert {answer.outcome for answer in found.values()} == {row.outcome}
