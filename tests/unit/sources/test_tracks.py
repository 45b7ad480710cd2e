"""Tracks read at once are the tracks read point by point; whatever is not as known is read point by point."""

from __future__ import annotations

import datetime as dt
import json
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cromwelld.errors import BadAnswer
from cromwelld.simulator.person import Person
from cromwelld.sources import tcx
from cromwelld.sources.parsed import Asked, Parsed
from cromwelld.sources.trackpoints import cut
from tests.support.reference import reference, references
from tests.support.takeout import Layout, Order, tracks

DATE = dt.date(2025, 3, 30)
ENOUGH = 10_000
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<TrainingCenterDatabase xmlns="urn:x"><Track>'
TAIL = b"</Track></TrainingCenterDatabase>\n"
PLACE = b"<Position><LatitudeDegrees>%s</LatitudeDegrees><LongitudeDegrees>%s</LongitudeDegrees></Position>"
FIRST = (
    b"<Trackpoint><Time>2025-03-30T12:00:00.250+02:00</Time>"
    + PLACE % (b"0.5", b"-1.25")
    + b"<AltitudeMeters>-3.5</AltitudeMeters><DistanceMeters>0.0</DistanceMeters>"
    b"<HeartRateBpm>\n<Value>98</Value> </HeartRateBpm></Trackpoint>\n"
)
NOWHERE = b"<Trackpoint><Time>2025-03-30T12:00:01Z</Time><HeartRateBpm><Value>99</Value></HeartRateBpm></Trackpoint>"
STILL = (
    b"<Trackpoint> <Time>2025-03-30T10:00:02Z</Time>"
    + PLACE % (b"-90", b"180")
    + b"<HeartRateBpm><Value>0</Value></HeartRateBpm></Trackpoint>"
)
OTHER = FIRST.replace(b"12:00:00", b"12:07:00")
GOOD = HEAD + FIRST + NOWHERE + STILL + TAIL
# Each takes the place of the words before it in a file that is otherwise as known.
ODD = [
    (b"<Trackpoint><Time>", b"<Trackpoint><!-- --><Time>"),
    (b"<Trackpoint><Time>", b"<Trackpoint>&amp;<Time>"),
    (b"<Trackpoint><Time>", b"<Trackpoint><Trackpoint/><Time>"),
    (b"<Trackpoint><Time>", b"<Trackpoint a='b'><Time>"),
    (b"<Trackpoint> <Time>", b"<Trackpoint> <Sensor>Present</Sensor><Time>"),
    (b"<Track>", b"<!DOCTYPE x><Track>"),
    (b"<Track>", b"<Track><!--" + OTHER + b"-->"),
    (b"<Track>", b"<Track><![CDATA[" + OTHER + b"]]>"),
    (b"<Track>", b"<Track><?note " + OTHER + b"?>"),
    (b"<Track>", b"<?note " + OTHER + b"?><Track>"),
    (b"<Track>", b"<Track>" + b"<a>" * 26 + b"</a>" * 26),
    (b"<Track>", b"<Track>" + b"<a>" * 27 + OTHER + b"</a>" * 27),
    (b"<Track>", b"<Track>" + b"<a>" * 28 + OTHER + b"</a>" * 28),
    (b"<Track>", b"<Track>" + b"<a>" * 40 + b"</a>" * 40),
    (b"<Track>", b"<Track>\xff"),
    (b"<Track>", b"<Track>&unknown;"),
    (b"<Track>", b"<Track><x:Trackpoint xmlns:x='urn:y'>" + OTHER + b"</x:Trackpoint>"),
    (b"</Track>", b"</Track" + OTHER + b">"),
    (b"</Track>", b""),
    (TAIL, TAIL + OTHER),
    (b'<TrainingCenterDatabase xmlns="urn:x">', OTHER + b"<TrainingCenterDatabase>"),
    (b"<TrainingCenterDatabase", b"<Other"),
    (b'encoding="UTF-8"', b'encoding="UTF-16"'),
    (b'encoding="UTF-8"', b'encoding="nothing"'),
    (b"10:00:02Z", b"25:00:02Z"),
    (b"10:00:02Z", b"10:00:02"),
    (b"10:00:02Z", b"10:00:60Z"),
    (b"2025-03-30T10", b"2025-02-30T10"),
    (b"2025-03-30T10", b"1999-03-30T10"),
    (b"2025-03-30T10", b"9999-03-30T10"),
    (b"12:00:00.250+02:00", b"12:00:00.250+24:00"),
    (b">-90<", b">-90.5<"),
    (b">180<", b">nan<"),
    (b">180<", b">1e2<"),
    (b">180<", b"> 18 <"),
    (b">-3.5<", b">inf<"),
    (b">-3.5<", b">\xd9\xa3<"),
    (b">98<", b">98.5<"),
]


def _asked() -> Asked:
    return Asked(first=DATE, last=DATE, zone=lambda _: None, activity_id="walk")


def _read(body: bytes) -> Parsed | str:
    try:
        return tcx.track(body, _asked())
    except BadAnswer as err:
        return err.message


def _point_by_point(body: bytes) -> Parsed | str:
    with patch.object(tcx, "cut", lambda *_: None):
        return _read(body)


def _same(body: bytes) -> Parsed | str:
    found, expected = _read(body), _point_by_point(body)
    assert found == expected
    return found


def test_points_cut_out_have_the_values_that_were_sent() -> None:
    found = cut(GOOD, 3)
    assert found is not None
    assert b"Time" not in found.rest
    parsed = _same(GOOD)
    assert isinstance(parsed, Parsed)
    first = {"field_lat": 0.5, "field_lon": -1.25, "field_altitude": -3.5, "field_distance": 0.0}
    still = {"field_lat": -90.0, "field_lon": 180.0, "field_altitude": None, "field_distance": None}
    at = dt.datetime(2025, 3, 30, 10, tzinfo=dt.UTC)
    assert parsed.tables[DATE, "GPS"].to_pylist() == [
        {"time": at.replace(microsecond=250_000), "tag_ActivityID": "walk", **first, "field_heart_rate": 98.0},
        {"time": at.replace(second=2), "tag_ActivityID": "walk", **still, "field_heart_rate": None},
    ]


@pytest.mark.parametrize(("words", "odd"), ODD)
def test_what_is_not_as_known_is_read_point_by_point(words: bytes, odd: bytes) -> None:
    assert words in GOOD
    _same(GOOD.replace(words, odd, 1))


def test_more_points_than_tracks_have_are_refused() -> None:
    with patch.object(tcx, "_MOST_POINTS", 3):
        assert isinstance(_same(GOOD), Parsed)
        assert isinstance(_same(GOOD.replace(TAIL, NOWHERE + TAIL)), str)


PIECES = [OTHER, NOWHERE, STILL, TAIL, b"<", b">", b"</Trackpoint>", b"<Trackpoint>", b"</", b"&#9;", b"<!--", b"-->"]


@settings(max_examples=200, deadline=None)
@given(
    place=st.integers(0, len(GOOD)), length=st.integers(0, 80), piece=st.sampled_from(PIECES) | st.binary(max_size=3)
)
@example(place=len(GOOD), length=0, piece=OTHER)
@example(place=0, length=0, piece=OTHER)
def test_damaged_tracks_are_read_alike(place: int, length: int, piece: bytes) -> None:
    _same(GOOD[:place] + piece + GOOD[place + length :])


def test_every_track_published_is_read_alike() -> None:
    files = [
        *references("fitbit-web/tcx", "*.tcx"),
        *references("fitbit-web/synthetic/tcx", "*.tcx"),
    ]
    bodies = [path.read_bytes() for path in files]
    exported = json.loads(reference("google-health/samples/exercise.exportExerciseTcx.json").read_text("utf-8"))
    found = [_same(body) for body in [*bodies, exported["tcxData"].encode()]]
    assert all(isinstance(one, Parsed) for one in found)
    assert sum(cut(body, ENOUGH) is not None for body in bodies) >= 2


def test_tracks_of_an_export_are_cut() -> None:
    days = [DATE - dt.timedelta(days=step) for step in range(8)]
    order = Order(person=Person(), first=days[-1], last=DATE, layout=Layout.GOOGLE_FOLDERS)
    bodies = [member.content for member in tracks.files(order, days)]
    assert bodies
    for body in bodies:
        assert cut(body, ENOUGH) is not None
        assert isinstance(_same(body), Parsed)
