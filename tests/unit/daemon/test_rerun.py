from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from cromwelld.daemon import rerun
from cromwelld.daemon.rerun import Laid
from cromwelld.errors import DamagedFile

TODAY = dt.date(2025, 11, 3)


def reading(text: str, *accounts: str) -> rerun.Reading:
    return rerun.read(text, accounts or ("me",), lambda _: TODAY)


def laid(account: str, first: str, last: str = "") -> Laid:
    return Laid(account=account, first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last or first))


def test_names_dates_ranges_words_and_remarks() -> None:
    text = "# please\n\nme 2025-10-08\r\npartner 2025-10-06..2025-10-07\n  partner yesterday  # again\n"
    found = reading(text, "me", "partner")
    assert found.problems == ()
    assert found.wanted == (
        laid("me", "2025-10-08"),
        laid("partner", "2025-10-06", "2025-10-07"),
        laid("partner", "2025-11-02"),
    )


def test_the_name_may_be_left_out_where_there_is_one_account() -> None:
    assert reading("2025-10-08").wanted == (laid("me", "2025-10-08"),)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2025-10-08", "1 words, and 2 accounts"),
        ("nobody 2025-10-08", "no account of that name"),
        ("me 2025-13-01", "is not a date"),
        ("me 2026-10-08", "has not begun yet"),
        ("me 2025-10-08 2025-10-09", "3 words"),
        ("me 2020-01-01..2025-01-01", "more than 366 dates"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_count(line: str, said: str) -> None:
    found = reading(f"me 2025-10-01\n{line}\n", "me", "partner")
    assert found.wanted == (laid("me", "2025-10-01"),)
    (problem,) = found.problems
    assert problem.startswith("line 2: ")
    assert said in problem


def test_the_file_is_set_aside_then_forgotten(tmp_path: Path) -> None:
    (tmp_path / "rerun").write_text("2025-10-08\n")
    assert rerun.take(tmp_path) == "2025-10-08\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rerun.taken"]
    rerun.forget(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert rerun.take(tmp_path) is None


def test_what_a_kill_left_comes_first_and_the_new_file_the_next_time(tmp_path: Path) -> None:
    (tmp_path / "rerun.taken").write_text("2025-10-08\n")
    (tmp_path / "rerun").write_text("2025-10-09\n")
    assert rerun.take(tmp_path) == "2025-10-08\n"
    rerun.forget(tmp_path)
    assert rerun.take(tmp_path) == "2025-10-09\n"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"2025-10-08\n" * 10_000])
def test_what_is_no_text_or_endless_is_named_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rerun").write_bytes(content)
    with pytest.raises(DamagedFile, match=r"rerun\.taken cannot be read"):
        rerun.take(tmp_path)
