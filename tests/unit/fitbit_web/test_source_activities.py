"""The activity list and its tracks: paging, links, dates, and what becomes of a track that cannot be had."""

from __future__ import annotations

import datetime as dt

import pytest

from cromwelld.events import Kind
from cromwelld.pieces import Outcome
from tests.support.far_side import FarSide, Reply
from tests.unit.fitbit_web.days import DATE, LIST, NEXT, TCX, activity, fetching, lay_day, listed, pieces, plain, track


@pytest.fixture
def far_side() -> FarSide:
    one = FarSide()
    lay_day(one)
    return one


PAGES = f"{LIST}?afterDate=2024-03-29&sort=asc&offset="


def page(number: int, *activities: dict[str, object], host: str = "https://api.fitbit.com") -> Reply:
    return listed(*activities, following=f"{host}{PAGES}{number}&limit=100")


async def test_the_list_is_followed_over_three_pages(far_side: FarSide) -> None:
    walk = activity(8, f"{DATE}T12:00:00.000+01:00", "Walk", "auto_detected")
    ride = activity(9, f"{DATE}T15:00:00.000+01:00", "Bike")
    by_hand = activity(10, f"{DATE}T16:00:00.000+01:00", "Yoga", "manual")
    far_side.lay(LIST, page(1, activity(7, f"{DATE}T10:00:00.000+01:00")), page(2, walk, by_hand), listed(ride))
    far_side.lay("/1/user/-/activities/8.tcx", Reply(b"<TrainingCenterDatabase/>"))
    far_side.lay("/1/user/-/activities/9.tcx", track(f"{DATE}T15:00:01Z", f"{DATE}T15:00:02Z"))
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["activities", "gps"]))
    assert [seen.query["offset"] for seen in far_side.seen if seen.path == LIST] == ["0", "1", "2"]
    assert far_side.seen[0].query == {"afterDate": "2024-03-29", "sort": "asc", "offset": "0", "limit": "100"}
    assert found["activities", DATE].rows == 4
    assert found["gps", DATE].rows == 3
    assert sorted(seen.path for seen in far_side.seen if seen.path.endswith(".tcx")) == [
        "/1/user/-/activities/7.tcx",
        "/1/user/-/activities/8.tcx",
        "/1/user/-/activities/9.tcx",
    ]


async def test_a_link_to_a_foreign_host_is_not_followed(far_side: FarSide) -> None:
    far_side.lay(LIST, page(1, activity(7, f"{DATE}T10:00:00.000+01:00"), host="https://evil.example"))
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["activities", "gps", "hrv"]))
    assert found["activities", DATE].outcome is found["gps", DATE].outcome is Outcome.FAILED
    assert "foreign host" in found["activities", DATE].reason
    assert found["hrv", DATE].outcome is Outcome.OK
    assert [event.kind for event in one.events] == [Kind.LINK_REFUSED]


async def test_a_list_that_leads_back_to_itself_ends(far_side: FarSide) -> None:
    far_side.lay(LIST, page(1, activity(7, f"{DATE}T10:00:00.000+01:00")))
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["activities"]))
    assert found["activities", DATE].outcome is Outcome.FAILED
    assert far_side.asked(LIST) == 2


async def test_the_list_is_left_once_it_is_past_the_dates(far_side: FarSide) -> None:
    later = activity(8, "2024-04-01T10:00:00.000+02:00")
    far_side.lay(LIST, page(1, activity(6, "2024-03-29T10:00:00Z"), activity(7, f"{DATE}T10:00:00Z"), later))
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["activities", "gps"]))
    assert far_side.asked(LIST) == 1
    assert found["activities", DATE].rows == 1
    assert len(far_side.seen) == 2


async def test_an_activity_in_another_zone_may_come_late_in_the_list(far_side: FarSide) -> None:
    """At 11:30 UTC it is the next day in Auckland; at 20:00 UTC it is still this one in Honolulu."""
    ahead = activity(7, f"{NEXT}T00:30:00.000+13:00")
    behind = activity(8, f"{DATE}T10:00:00.000-10:00", "Surf")
    far_side.lay(LIST, page(1, ahead), listed(behind))
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["activities"]))
    assert [row["ActivityName"] for row in plain(found["activities", DATE], "ActivityRecords")] == ["Surf"]


async def test_tracks_alone_need_the_list_too(far_side: FarSide) -> None:
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["gps"]))
    assert found.keys() == {("gps", DATE)}
    assert found["gps", DATE].outcome is Outcome.OK


@pytest.mark.parametrize("bad", [Reply(status=404), Reply(b"<!DOCTYPE x><x/>"), Reply(b"{}"), Reply(b"<x/>")])
async def test_a_track_that_can_never_be_had_is_counted(far_side: FarSide, bad: Reply) -> None:
    far_side.lay(LIST, listed(activity(7, f"{DATE}T10:00:00Z"), activity(8, f"{DATE}T11:00:00Z", "Walk")))
    far_side.lay("/1/user/-/activities/8.tcx", bad)
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["gps"]))
    assert found["gps", DATE].outcome is Outcome.OK
    assert found["gps", DATE].rows == 1
    assert [event.kind for event in one.events] == [Kind.RECORDS_REJECTED]


@pytest.mark.parametrize(("status", "outcome"), [(503, Outcome.FAILED), (403, Outcome.REFUSED)])
async def test_a_track_that_may_come_later_leaves_its_date_open(
    far_side: FarSide, status: int, outcome: Outcome
) -> None:
    far_side.lay(LIST, listed(activity(7, f"{DATE}T10:00:00Z"), activity(8, "2024-03-29T11:00:00Z", "Walk")))
    far_side.lay("/1/user/-/activities/8.tcx", Reply(status=status))
    async with fetching(far_side) as one:
        found = await one.all(pieces("2024-03-29", DATE, ["activities", "gps"]))
    assert found["gps", "2024-03-29"].outcome is outcome
    assert found["gps", DATE].outcome is Outcome.OK
    assert found["activities", "2024-03-29"].outcome is Outcome.OK


async def test_a_refused_list_refuses_the_tracks(far_side: FarSide) -> None:
    far_side.lay(LIST, Reply(status=403))
    async with fetching(far_side) as one:
        found = await one.all(pieces(streams=["activities", "gps"]))
    assert {answer.outcome for answer in found.values()} == {Outcome.REFUSED}


async def test_a_track_belongs_to_the_date_of_its_activity(far_side: FarSide) -> None:
    far_side.lay(LIST, listed(activity(7, f"{DATE}T23:50:00.000+01:00")))
    far_side.lay(TCX, track(f"{DATE}T23:50:00.000+01:00", f"{NEXT}T00:10:00.000+01:00"))
    async with fetching(far_side) as one:
        found = await one.all(pieces(DATE, NEXT, ["gps"]))
    assert (found["gps", DATE].rows, found["gps", NEXT].rows) == (2, 0)
    assert found["gps", DATE].date == dt.date(2024, 3, 30)
