"""Filters and ranges that the vendor refuses: asked in the other documented way, once."""

from __future__ import annotations

import pytest
from aiohttp import web

from cromwelld.events import Kind
from tests.support.far_side import Reply
from tests.unit.google_health.google_fates import (
    EMPTY,
    EXERCISE,
    FAILED,
    FILTER_REASONS,
    OK,
    SLEEP,
    STEPS,
    refusal,
)
from tests.unit.google_health.google_reading import (
    DATE,
    OURS,
    Vendor,
    fetching,
    pieces,
    points,
    sample,
    sent,
    tables,
)


@pytest.mark.parametrize("reason", FILTER_REASONS)
@pytest.mark.parametrize(("stream", "path", "name"), [("sleep", SLEEP, "sleep"), ("activities", EXERCISE, "exercise")])
async def test_a_refused_filter_of_sessions_is_replaced_by_none(reason: str, stream: str, path: str, name: str) -> None:
    """Once for the life of the source, remembered and reported."""
    vendor = Vendor()
    good = sent(sample(f"{name}.list"))
    vendor.lay(path, sent(refusal(400, "INVALID_ARGUMENT", reason), 400), good)
    async with fetching(vendor) as one:
        first = await one.all(pieces([stream]))
        again = await one.all(pieces([stream]))
    assert first[stream, DATE].outcome is OK
    assert tables(first[stream, DATE]) == tables(again[stream, DATE])
    assert ["filter" in seen.query for seen in vendor.seen] == [True, False, False]
    assert {seen.query["pageSize"] for seen in vendor.seen} == {"25"}
    assert [(event.kind, event.fields["stream"], event.fields["reason"]) for event in one.events] == [
        (Kind.FILTER_REFUSED, stream, reason)
    ]


async def test_a_filter_that_is_refused_to_several_at_once_is_reported_once() -> None:
    """Three stretches of 30 dates; however many are refused, each is asked without a filter then."""
    vendor = _Filterless()
    async with fetching(vendor) as one:
        found = await one.all(pieces(["activities"], "2025-12-15", "2026-03-14"))
    assert len(found) == 90
    assert {date for (_, date), answer in found.items() if answer.outcome is OK} == {DATE}
    assert [event.kind for event in one.events] == [Kind.FILTER_REFUSED]
    assert sum("filter" not in seen.query for seen in vendor.seen) == 3


class _Filterless(Vendor):
    """A vendor that refuses every filter of the exercises."""

    def __init__(self) -> None:
        super().__init__()
        # read before anything is served: where the samples are not here, it is the test that is skipped
        self._refusal, self._exercises = sample("error.400.invalid_filter_member"), sample("exercise.list")

    async def _reply(self, request: web.Request) -> web.StreamResponse:
        if "filter" in request.query:
            return web.json_response(body=self._refusal, status=400)
        return web.json_response(body=self._exercises)


@pytest.mark.parametrize(
    ("stream", "data_type", "member"),
    [
        ("heart_rate", "heart-rate", "heart_rate.sample_time.physical_time"),
        ("zone_minutes_intraday", "active-zone-minutes", "active_zone_minutes.interval.start_time"),
        ("body_fat", "body-fat", "body_fat.sample_time.physical_time"),
    ],
)
async def test_a_refused_civil_time_is_replaced_by_a_wider_physical_one(
    stream: str, data_type: str, member: str
) -> None:
    """14 hours on either side of the UTC day: no civil date of the world reaches further."""
    vendor = Vendor()
    vendor.lay(points(data_type), sent(sample("error.400.invalid_filter_member"), 400), sent({}))
    async with fetching(vendor) as one:
        found = await one.all(pieces([stream]))
    assert found[stream, DATE].outcome is EMPTY
    asked = [seen.query.get("filter", "") for seen in vendor.seen if seen.path == points(data_type)]
    assert asked[1:] == [f'{member} >= "2026-03-09T10:00:00Z" AND {member} < "2026-03-11T14:00:00Z"']


async def test_the_widened_window_keeps_only_its_own_date() -> None:
    """Three samples of one UTC day; of which date each is, its own offset or civil time says."""
    vendor = Vendor()
    times = [
        {"physicalTime": "2026-03-09T23:30:00Z", "utcOffset": "3600s"},  # half past midnight of the tenth
        {"physicalTime": "2026-03-10T09:00:00Z", "utcOffset": "-36000s"},  # 23:00 of the ninth, in Hawaii
        {"physicalTime": "2026-03-10T09:30:00Z", "utcOffset": "50400s"},  # 23:30 of the tenth, on Kiritimati
    ]
    samples = [{"heartRate": {"sampleTime": time, "beatsPerMinute": "60"}} for time in times]
    wrong = sent(sample("error.400.invalid_filter_member"), 400)
    vendor.lay(points("heart-rate"), wrong, sent({"dataPoints": samples}))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["heart_rate"]))
    assert [row["time"] for row in tables(found["heart_rate", DATE])["HeartRate_Intraday"]] == [
        "2026-03-09T23:30:00Z",
        "2026-03-10T09:30:00Z",
    ]


async def test_an_unfiltered_walk_ends_behind_the_dates_asked() -> None:
    """Newest first: a page that is older than the window is the last."""
    vendor = Vendor()

    def page(number: int, token: str) -> Reply:
        times = {"startTime": f"2026-03-{number:02}T08:00:00Z", "endTime": f"2026-03-{number:02}T09:00:00Z"}
        exercise = {"interval": times, "exerciseType": "WALKING", "metricsSummary": {"caloriesKcal": 50}}
        return sent({"dataPoints": [{"exercise": exercise}], "nextPageToken": token})

    wrong = sent(sample("error.400.invalid_filter_member"), 400)
    vendor.lay(EXERCISE, wrong, page(12, "a"), sent({"nextPageToken": "b"}), page(10, "c"), page(2, "d"), page(1, "e"))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["activities"]))
    assert found["activities", DATE].rows == 1
    assert [seen.query.get("pageToken") for seen in vendor.seen] == [None, None, "a", "b", "c"]


async def test_a_filter_that_is_refused_in_every_form_fails_the_stream() -> None:
    vendor = Vendor()
    vendor.lay(SLEEP, sent(sample("error.400.invalid_filter_member"), 400))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["sleep", "hrv"]))
    assert found["sleep", DATE].outcome is FAILED
    assert found["hrv", DATE].outcome is EMPTY
    assert vendor.asked(SLEEP) == 2


# Sums over too long a time.


async def test_a_sum_over_too_long_a_time_is_asked_in_parts() -> None:
    """30 dates, of which the vendor allows 14 at once: the refused request, then 14, 14 and 2."""
    vendor = Vendor()
    wrong = sent(sample("error.400.invalid_rollup_query_duration"), 400)
    empty = sent(sample("steps.dailyRollUp.empty"))
    vendor.lay(STEPS, wrong, empty, sent(sample("steps.dailyRollUp")), empty)
    async with fetching(vendor) as one:
        found = await one.all(pieces(["total_steps"], "2026-02-16", "2026-03-17"))
    assert len(found) == 30
    assert {date for (_, date), answer in found.items() if answer.outcome is OK} == {DATE}
    assert {answer.outcome for answer in found.values()} == {OK, EMPTY}
    asked = [posted.body["range"] for posted in vendor.posted]
    ends = [("2026-02-16", "2026-03-18"), ("2026-02-16", "2026-03-02"), ("2026-03-02", "2026-03-16")]
    assert asked == [_range(first, end) for first, end in [*ends, ("2026-03-16", "2026-03-18")]]
    assert all("pageSize" not in posted.body for posted in vendor.posted)


def _range(first: str, end: str) -> dict[str, object]:
    def date(text: str) -> dict[str, object]:
        year, month, number = map(int, text.split("-"))
        return {"date": {"year": year, "month": month, "day": number}}

    return {"start": date(first), "end": date(end)}


@pytest.mark.parametrize("most", ["0", "1", "30", "-1", "x", "9999"])
async def test_a_limit_that_makes_no_sense_does_not_go_round_for_ever(most: str) -> None:
    vendor = Vendor()
    body = refusal(400, "INVALID_ARGUMENT", "INVALID_ROLLUP_QUERY_DURATION", maxDurationDays=most)
    vendor.lay(STEPS, sent(body, 400))
    async with fetching(vendor) as one:
        found = await one.all(pieces(["total_steps"], "2026-03-01", DATE))
    assert {answer.outcome for answer in found.values()} == {FAILED}
    assert len(vendor.seen) <= 11
    assert OURS not in one.said(found)
