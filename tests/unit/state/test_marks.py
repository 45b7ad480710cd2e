"""The newest of what is watched: kept across restarts, never replaced by what is older."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cromwelld.pieces import Answer, Outcome
from cromwelld.state import Fetched, Ledger, Mark, Marked
from tests.support.days import DATE, answer, at, heart, rows

NOW = dt.datetime(2025, 10, 9, 3, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with closing(Ledger(path)) as opened:
        yield opened


def fetched(ledger: Ledger, *answers: Answer, now: dt.datetime = NOW) -> None:
    ledger.fetched("me", [Fetched(answer=one, digest="0123456789abcdef") for one in answers], now)


def marked(ledger: Ledger, mark: Mark) -> dict[str, tuple[dt.datetime, float | None]]:
    return {one.about: (one.at, one.value) for one in ledger.marks.load("me") if one.mark is mark}


def batteries(*readings: tuple[str, str, float | None]) -> Answer:
    devices, times, levels = zip(*readings, strict=True)
    return answer("devices", {"DeviceBatteryLevel": rows(
        "DeviceBatteryLevel", times, tag_Device=devices, field_value=levels)})  # fmt: skip


def test_the_newest_sample_of_each_measurement_is_marked(ledger: Ledger) -> None:
    fetched(ledger, answer("heart_rate", {"HeartRate_Intraday": heart(["10:05", "11:07", "09:00"])}))
    assert marked(ledger, Mark.SAMPLE) == {"HeartRate_Intraday": (at("11:07"), None)}


def test_an_older_day_fetched_later_marks_nothing_back(ledger: Ledger) -> None:
    fetched(ledger, answer("heart_rate", {"HeartRate_Intraday": heart(["11:07"])}))
    fetched(ledger, answer("heart_rate", {"HeartRate_Intraday": heart(["2025-10-01T08:00:00"])}), now=NOW + HOUR)
    assert marked(ledger, Mark.SAMPLE) == {"HeartRate_Intraday": (at("11:07"), None)}


def test_a_sample_from_the_year_9999_marks_nothing(ledger: Ledger) -> None:
    fetched(ledger, answer("heart_rate", {"HeartRate_Intraday": heart(["9999-01-01T08:00:00"])}))
    assert marked(ledger, Mark.SAMPLE) == {}


def test_devices_are_marked_by_their_sync_with_the_level_of_the_battery(ledger: Ledger) -> None:
    fetched(ledger, batteries(("Pixel Watch 3", "08:00", 62.0), ("Aria", "06:00", None)))
    assert marked(ledger, Mark.DEVICE) == {"Pixel Watch 3": (at("08:00"), 0.62), "Aria": (at("06:00"), None)}
    fetched(ledger, batteries(("Pixel Watch 3", "20:00", 4.0)))
    assert marked(ledger, Mark.DEVICE)["Pixel Watch 3"] == (at("20:00"), 0.04)


def test_an_answer_that_is_stored_already_is_an_answer_and_marks_no_record_again(ledger: Ledger) -> None:
    one = answer("heart_rate", {"HeartRate_Intraday": heart(["11:07"])})
    ledger.fetched("me", [Fetched(answer=one, digest="0123456789abcdef", waits=False)], NOW)
    assert marked(ledger, Mark.ANSWERED) == {"heart_rate": (NOW, None)}
    assert marked(ledger, Mark.SAMPLE) == {}


def test_an_empty_answer_is_an_answer_and_a_failure_is_none(ledger: Ledger) -> None:
    fetched(ledger, answer("heart_rate", {"HeartRate_Intraday": heart([])}))
    fetched(ledger, Answer(stream="sleep", date=DATE, outcome=Outcome.FAILED), now=NOW + HOUR)
    fetched(ledger, Answer(stream="hrv", date=DATE, outcome=Outcome.REFUSED), now=NOW + HOUR)
    assert marked(ledger, Mark.ANSWERED) == {"heart_rate": (NOW, None)}
    assert marked(ledger, Mark.SAMPLE) == {}


@pytest.mark.parametrize(("date", "counts"), [("2025-10-07", True), ("2025-10-06", False)])
def test_an_answer_about_long_ago_says_nothing_of_today(ledger: Ledger, date: str, *, counts: bool) -> None:
    fetched(ledger, Answer(stream="sleep", date=dt.date.fromisoformat(date), outcome=Outcome.EMPTY))
    assert bool(marked(ledger, Mark.ANSWERED)) is counts


def test_marks_outlive_the_process_and_are_of_one_account(path: Path) -> None:
    with closing(Ledger(path)) as ledger:
        ledger.marks.note("me", [Marked(mark=Mark.UPLOADED, at=NOW)])
        ledger.marks.note("partner", [Marked(mark=Mark.UPLOADED, at=NOW + HOUR)])
    with closing(Ledger(path)) as ledger:
        assert ledger.marks.load("me") == [Marked(mark=Mark.UPLOADED, at=NOW)]


def test_times_are_compared_as_times_whatever_their_fractions(ledger: Ledger) -> None:
    whole, later = NOW, NOW + dt.timedelta(microseconds=5)
    ledger.marks.note("me", [Marked(mark=Mark.UPLOADED, at=later), Marked(mark=Mark.UPLOADED, at=whole)])
    assert marked(ledger, Mark.UPLOADED) == {"": (later, None)}
    east = dt.timezone(dt.timedelta(hours=5))
    ledger.marks.note("me", [Marked(mark=Mark.UPLOADED, at=(NOW + HOUR).astimezone(east))])
    assert marked(ledger, Mark.UPLOADED) == {"": (NOW + HOUR, None)}


def test_marks_and_entries_are_kept_together_or_not_at_all(ledger: Ledger) -> None:
    def answers() -> Iterator[Fetched]:
        one = answer("heart_rate", {"HeartRate_Intraday": heart(["11:07"])})
        yield Fetched(answer=one, digest="0123456789abcdef")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.fetched("me", answers(), NOW)
    assert ledger.marks.load("me") == []
    assert ledger.entries("me", DATE, DATE) == []
