"""Events: of which account they are."""

from __future__ import annotations

from cromwelld.events import Event, Kind, about


def test_an_event_is_said_to_be_of_an_account() -> None:
    heard: list[Event] = []
    about("me", heard.append)(Event(Kind.STREAM_ANSWERED, {"records": 3}, {"SleepLevels": 3}))
    assert heard == [Event(Kind.STREAM_ANSWERED, {"account": "me", "records": 3}, {"SleepLevels": 3})]


def test_an_event_that_says_so_itself_is_believed() -> None:
    heard: list[Event] = []
    about("me", heard.append)(Event(Kind.DAY_ARCHIVED, {"account": "partner"}))
    assert heard[0].fields["account"] == "partner"
