"""Tries of an export without a person: counted before they are made, fewer and fewer, and not for ever."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cromwelld.errors import DamagedFile
from cromwelld.jobs.importing.attempts import MOST_TRIES, Attempt, found, gone, load, lying, replaced, save

NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
NEW = Attempt(names=("a-001.zip", "a-002.zip"), parts=("1", "2"), settings="s")


def rests(kind: str) -> list[float]:
    """Give the minutes after each try until the next one, to the last."""
    attempt, waits = NEW, list[float]()
    while True:
        attempt = attempt.begun(NOW)
        if kind == "failed":
            attempt = attempt.failed("the archive is away", NOW, lasting=False)
        if attempt.again_at is None:
            return waits
        waits.append((attempt.again_at - NOW) / MINUTE)


def test_what_may_pass_is_tried_less_and_less_often_and_not_for_ever() -> None:
    assert rests("failed") == [5, 10, 20, 40, 80, 160, 320, *[360] * (MOST_TRIES - 8)]


def test_a_try_that_ends_the_process_is_repeated_once_at_once_and_not_for_ever() -> None:
    assert rests("killed") == [0, 5, 10, 20, 40, 80, 160, 320, *[360] * (MOST_TRIES - 9)]
    second = NEW.begun(NOW).begun(NOW)
    assert (NEW.begun(NOW).reason, second.reason) == ("", "the process ended each time before it was done")


def test_what_does_not_pass_by_itself_is_tried_once() -> None:
    failed = NEW.begun(NOW).failed("torn", NOW, lasting=True)
    assert (failed.reason, failed.again_at, failed.tries) == ("torn", None, 1)


def test_a_try_that_was_stopped_on_purpose_does_not_count() -> None:
    stopped = NEW.begun(NOW).interrupted(NOW)
    assert (stopped.tries, stopped.again_at, stopped.reason) == (0, NOW, "")


def test_what_is_kept_is_read(tmp_path: Path) -> None:
    path = tmp_path / "imports" / "me.attempts.json"
    assert load(path) == []
    kept = [NEW.begun(NOW), Attempt(names=("b.zip",), parts=("3",), settings="s", reason="torn", tries=1)]
    save(path, kept)
    assert load(path) == kept
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["[{", "[1]", '[{"names": 1}]', "{}7"])
def test_a_damaged_list_is_named_with_its_remedy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "me.attempts.json"
    path.write_text(text)
    with pytest.raises(DamagedFile, match=r"me\.attempts\.json, cannot be read") as caught:
        load(path)
    assert "delete it" in caught.value.hint


def test_an_export_is_known_by_its_files_and_by_how_it_was_read() -> None:
    assert found([NEW], ("1", "2"), "s") is NEW
    assert found([NEW], ("1", "2"), "other settings") is None
    assert found([NEW], ("1",), "s") is None


def test_an_export_of_more_parts_takes_the_place_of_what_was_known_of_it() -> None:
    whole = Attempt(names=("a-001.zip", "a-002.zip", "a-003.zip"), parts=("1", "2", "3"), settings="s")
    other = Attempt(names=("b.zip",), parts=("4",), settings="s")
    assert replaced([NEW, other], whole) == [other, whole]
    assert gone([NEW, other], whole) == [other]


def test_what_was_taken_away_is_forgotten() -> None:
    assert lying([NEW], ["a-001.zip", "a-002.zip", "x"]) == [NEW]
    assert lying([NEW], ["a-001.zip"]) == []
