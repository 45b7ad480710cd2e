"""Answered pieces wait in order, whole, and until they are stored."""

from __future__ import annotations

import datetime as dt
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cromwelld.disk import user
from cromwelld.errors import DamagedFile, NotWritable
from cromwelld.measurements import CATALOGUE, describe
from cromwelld.outbox import Outbox, fingerprint
from cromwelld.outbox.format import pack, unpack
from cromwelld.pieces import Answer, Outcome
from tests.support.days import DATE, answer, daily, heart, minutes, rows

NEXT = DATE + dt.timedelta(days=1)


def same(one: Answer, other: Answer) -> bool:
    """Compare answers field by field; tables by their content and columns."""
    fields = ("stream", "date", "outcome", "reason", "source", "zone", "device", "measurements")
    alike = all(getattr(one, name) == getattr(other, name) for name in fields)
    return (
        alike
        and list(one.tables) == list(other.tables)
        and all(one.tables[name].equals(other.tables[name]) for name in one.tables)
    )


def heart_answer(count: int = 3) -> Answer:
    return answer("heart_rate", {"HeartRate_Intraday": heart(minutes(0, count))})


def test_pieces_wait_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    answers = [heart_answer(), answer("sleep", {}), answer("hrv", {"HRV": daily("HRV", 30.0)}), heart_answer(4)]
    for one in answers:
        box.put([one])
    box.put([replace(heart_answer(), date=NEXT)])
    pieces = Outbox(tmp_path).waiting(DATE)
    assert [piece.stream for piece in pieces] == ["heart_rate", "sleep", "hrv", "heart_rate"]
    assert all(same(box.read(piece), one) for piece, one in zip(pieces, answers, strict=True))
    assert box.dates() == [DATE, NEXT]


def test_order_does_not_depend_on_how_names_sort(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    for count in range(1, 13):
        box.put([heart_answer(count)])
    assert [box.read(piece).rows for piece in box.waiting(DATE)] == list(range(1, 13))


def test_the_same_answer_again_changes_nothing(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    first = box.put([heart_answer()])[0]
    box.put([answer("sleep", {})])
    assert box.put([heart_answer()])[0] == first
    assert len(box.waiting(DATE)) == 2


def test_an_answer_that_came_back_after_another_one_is_kept(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    for count in (3, 4, 3):
        box.put([heart_answer(count)])
    assert [box.read(piece).rows for piece in box.waiting(DATE)] == [3, 4, 3]


def test_numbers_go_on_after_what_is_left(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    box.put([heart_answer(1)])
    later = box.put([heart_answer(2)])[0]
    box.drop(box.waiting(DATE)[:1])
    assert box.put([heart_answer(3)])[0].number > later.number


def test_a_piece_is_one_arrow_file_below_its_date_for_the_owner_alone(tmp_path: Path) -> None:
    piece = Outbox(tmp_path / "me").put([heart_answer()])[0]
    assert piece.path.parent == tmp_path / "me" / "2025-10-08"
    assert [path.name for path in piece.path.parent.iterdir()] == [piece.path.name]
    content = piece.path.read_bytes()
    assert content.startswith(b"ARROW1")
    assert content.endswith(b"ARROW1")
    assert piece.path.stat().st_size == len(content)
    assert stat.S_IMODE(piece.path.stat().st_mode) == 0o600


def test_other_files_are_no_pieces(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    box.put([heart_answer()])
    (tmp_path / "notes").mkdir()
    (tmp_path / "2025-10-08" / ".00000002-sleep-0123456789abcdef.arrow.1a2b3c4d.tmp").write_bytes(b"half")
    (tmp_path / "2025-10-08" / "x.arrow").write_bytes(b"")
    (tmp_path / NEXT.isoformat()).mkdir()
    assert len(box.waiting(DATE)) == 1
    assert box.dates() == [DATE]


def test_dropping_forgets_and_may_be_repeated(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    box.put([heart_answer()])
    kept = box.put([answer("sleep", {})])[0]
    stored = box.waiting(DATE)[:1]
    box.drop(stored)
    box.drop(stored)
    assert box.waiting(DATE) == [kept]
    box.drop([kept])
    box.drop([kept])
    box.drop([])
    assert (box.waiting(DATE), box.dates(), list(tmp_path.iterdir())) == ([], [], [])


def test_an_outbox_without_folder_is_empty(tmp_path: Path) -> None:
    box = Outbox(tmp_path / "none")
    box.drop([])
    assert (box.dates(), box.waiting(DATE)) == ([], [])
    assert not (tmp_path / "none").exists()


def damaged(box: Outbox, path: Path) -> None:
    (piece,) = box.waiting(DATE)
    with pytest.raises(DamagedFile) as caught:
        box.read(piece)
    assert str(path) in caught.value.message
    assert "delete it and run `cromwelld collect 2025-10-08`" in caught.value.hint


def test_a_torn_piece_is_named_with_its_remedy(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    path = box.put([heart_answer()])[0].path
    content = path.read_bytes()
    for length in [*range(0, len(content), 97), len(content) - 1]:
        path.write_bytes(content[:length])
        damaged(box, path)


def test_a_changed_byte_is_noticed_wherever_it_is(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    path = box.put([heart_answer(20)])[0].path
    content = path.read_bytes()
    for position in range(0, len(content), 31):
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        damaged(box, path)


def test_a_piece_that_is_gone_is_named(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    piece = box.put([heart_answer()])[0]
    piece.path.unlink()
    with pytest.raises(DamagedFile):
        box.read(piece)


def test_a_damaged_piece_does_not_stand_for_the_answer_that_comes_again(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    path = box.put([heart_answer()])[0].path
    path.write_bytes(b"junk")
    assert same(box.read(box.put([heart_answer()])[0]), heart_answer())


def test_an_impossible_folder_is_named_with_user(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(NotWritable) as caught:
        Outbox(tmp_path / "taken").put([heart_answer()])
    assert user() in caught.value.message
    assert "2025-10-08" in caught.value.message


@pytest.mark.parametrize("junk", [b"", b"ARROW1", b"junk" * 100, b"ARROW1\0\0" + b"\xff" * 60 + b"ARROW1"])
def test_junk_is_a_value_error(junk: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        unpack(junk)


TEXT = st.text(max_size=12)
ANSWERS = st.builds(
    Answer,
    stream=st.from_regex(r"[a-z0-9_]+", fullmatch=True),
    date=st.dates(dt.date(2009, 1, 1), dt.date(2100, 1, 1)),
    outcome=st.sampled_from(list(Outcome)),
    reason=TEXT,
    source=TEXT,
    zone=TEXT,
    device=TEXT,
    measurements=st.lists(TEXT, max_size=3).map(tuple),
)
NAMES = st.lists(st.sampled_from([m.name for m in CATALOGUE]), unique=True, max_size=4)


@settings(max_examples=30)
@given(bare=ANSWERS, names=NAMES, count=st.integers(0, 3))
def test_every_field_of_an_answer_comes_back(bare: Answer, names: list[str], count: int) -> None:
    tables = {name: rows(name, minutes(0, count)) for name in names}
    tables["Foreign"] = rows("Foreign", ["10:00"], tag_word=['"é\n'], field_x=[1e22])
    one = replace(bare, tables=tables)
    back = unpack(pack(one))
    assert same(back, one)
    assert pack(back) == pack(one)
    assert all(back.tables[name].schema == describe(name).schema for name in names)


def test_a_fingerprint_is_of_what_is_said_and_not_of_who_asks() -> None:
    one = heart_answer()
    assert fingerprint(replace(one, device="Charge 6", forced=True)) == fingerprint(one)
    others = [
        heart_answer(4),
        replace(one, date=NEXT),
        replace(one, stream="sleep"),
        replace(one, zone="Asia/Tokyo"),
        replace(one, outcome=Outcome.PARTIAL),
        replace(one, reason="it ends at noon"),
        replace(one, tables={"Steps_Intraday": one.tables["HeartRate_Intraday"]}),
        replace(one, tables={}),
    ]
    assert len({fingerprint(each) for each in [one, *others]}) == 1 + len(others)
