"""What lies in an export's parts, whatever else lies there."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from cromwelld.errors import DamagedFile
from cromwelld.sources.takeout.members import Member, Unreadable, members, opened
from tests.support.exports import tarred, unpacked, zipped

STEPS = "Takeout/Fitbit/Physical Activity_GoogleData/steps_2026-10-01.csv"
ROWS = "timestamp,steps,data source\n2026-10-01T06:00:00Z,5,Charge 6\n"


def read(member: Member) -> bytes:
    with opened(member) as stream:
        return stream.read()


def until_the_end(part: Path) -> tuple[list[Member], str]:
    """Give the members that came before the error, and the error."""
    seen = []
    try:
        for member in members(part):
            seen.append(member)  # noqa: PERF402 - what came before the error counts
    except DamagedFile as err:
        return seen, err.message
    return seen, ""


def problems(part: Path) -> dict[str, str]:
    return {member.name: member.problem for member in members(part)}


def test_zip_tgz_and_folder_have_the_same_files(tmp_path: Path) -> None:
    files = {STEPS: ROWS, "Takeout/Fitbit/Sleep Score/sleep_score.csv": "a,b\n"}
    parts = [
        zipped(tmp_path / "takeout.zip", files),
        tarred(tmp_path / "takeout.tgz", files),
        unpacked(tmp_path / "there", files) / "Takeout",
    ]
    for part in parts:
        found = {}
        for member in members(part):
            assert not member.problem
            found[member.name] = read(member).decode()
        assert found == files


@pytest.mark.parametrize("name", ["../steps_2026-10-01.csv", "/etc/steps.csv", "a/../../b.csv", "C:/steps.csv"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_name_that_points_out_of_the_export_is_refused(tmp_path: Path, name: str, pack: object) -> None:
    part = (
        tarred(tmp_path / "t.tgz", {name: "x", STEPS: ROWS})
        if pack is tarred
        else zipped(tmp_path / "t.zip", {name: "x", STEPS: ROWS})
    )
    found = problems(part)
    assert found.pop(STEPS) == ""
    assert list(found.values()) == ["its name points out of the export"]


def test_an_archive_within_an_archive_is_refused(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {STEPS: ROWS}).read_bytes()
    found = problems(zipped(tmp_path / "t.zip", {"Takeout/more.zip": inner, STEPS: ROWS}))
    assert found == {STEPS: "", "Takeout/more.zip": "an archive within an archive"}


def test_a_name_that_is_not_utf8_is_refused_and_shown_without_loss(tmp_path: Path) -> None:
    part = zipped(tmp_path / "t.zip", {"Takeout/Fitbit/steps_XX.csv": "x", STEPS: ROWS})
    part.write_bytes(part.read_bytes().replace(b"steps_XX", b"steps_\xe9\xff"))
    found = problems(part)
    assert found.pop(STEPS) == ""
    assert list(found.values()) == ["its name is not UTF-8"]


def test_a_name_that_is_not_utf8_in_a_tgz_or_folder_is_refused(tmp_path: Path) -> None:
    odd = os.fsdecode(b"Takeout/Fitbit/steps_\xe9.csv")
    for part in (tarred(tmp_path / "t.tgz", {odd: "x"}), unpacked(tmp_path / "there", {odd: "x"}) / "Takeout"):
        assert problems(part) == {"Takeout/Fitbit/steps_\\xe9.csv": "its name is not UTF-8"}


def test_a_zip_bomb_is_refused_by_its_size_and_never_grown(tmp_path: Path) -> None:
    found = problems(zipped(tmp_path / "t.zip", {STEPS: b"0" * 64_000_000, "Takeout/Fitbit/weight.csv": "x"}))
    assert found.pop("Takeout/Fitbit/weight.csv") == ""
    assert list(found.values()) == ["it would grow beyond what a file of an export can be"]


def test_a_bomb_in_a_tgz_ends_its_part(tmp_path: Path) -> None:
    part = tarred(tmp_path / "t.tgz", {STEPS: ROWS, "Takeout/Fitbit/a.csv": b"0" * 64_000_000, "Takeout/Fitbit/b": "x"})
    seen, end = until_the_end(part)
    assert (seen[0].name, seen[0].problem) == (STEPS, "")
    assert seen[1].problem == "it would grow beyond what a file of an export can be"
    assert "grows beyond" in end


def test_a_file_that_is_larger_than_it_says_is_not_read_on(tmp_path: Path) -> None:
    part = unpacked(tmp_path / "there", {STEPS: ROWS}) / "Takeout"
    member = next(members(part))
    (tmp_path / "there" / STEPS).write_text(ROWS * 2)
    with pytest.raises(Unreadable, match="larger than it says"):
        read(member)


def test_a_truncated_zip_is_named(tmp_path: Path) -> None:
    part = zipped(tmp_path / "t.zip", {STEPS: ROWS})
    part.write_bytes(part.read_bytes()[:-30])
    with pytest.raises(DamagedFile, match=r"t\.zip cannot be read"):
        list(members(part))


def test_a_truncated_tgz_gives_what_is_whole_and_is_named(tmp_path: Path) -> None:
    part = tarred(tmp_path / "t.tgz", {STEPS: ROWS, "Takeout/Fitbit/weight.csv": os.urandom(200_000)})
    part.write_bytes(part.read_bytes()[:50_000])
    seen, end = until_the_end(part)
    assert seen[0].name == STEPS
    assert "t.tgz cannot be read" in end


def test_damaged_bytes_of_one_file_are_told_and_the_next_is_read(tmp_path: Path) -> None:
    part = zipped(tmp_path / "t.zip", {STEPS: ROWS, "Takeout/Fitbit/weight.csv": "x" * 50})
    content = part.read_bytes()
    place = content.index(STEPS.encode()) + len(STEPS) + 3
    part.write_bytes(content[:place] + b"\xff\xff\xff" + content[place + 3 :])
    told = {}
    for member in members(part):
        try:
            told[member.name] = read(member).decode()
        except Unreadable as err:
            told[member.name] = str(err).partition(" (")[0]
    assert told == {STEPS: "it cannot be read", "Takeout/Fitbit/weight.csv": "x" * 50}


def test_links_in_a_tgz_are_refused(tmp_path: Path) -> None:
    part = tmp_path / "t.tgz"
    with tarfile.open(part, "w:gz") as archive:
        info = tarfile.TarInfo("Takeout/Fitbit/weight.csv")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(info, io.BytesIO())
    assert problems(part) == {"Takeout/Fitbit/weight.csv": "it is a link or a device"}
