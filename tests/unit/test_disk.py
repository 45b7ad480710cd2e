"""Files appear complete or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from cromwelld import disk
from cromwelld.disk import appearing, append, check_writable, make_folder, user, write_bytes, writing
from cromwelld.errors import NotWritable


class Crash(Exception):
    """Stand for anything that ends a block early."""


def crash_after_half(draft: Path) -> None:
    draft.write_bytes(b"half")
    raise Crash


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_file_appears_with_its_content_and_nothing_else_stays(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "file.bin"
    with appearing(target) as draft:
        draft.write_bytes(b"new")
        assert not target.exists()
    assert target.read_bytes() == b"new"
    assert names(tmp_path) == ["a", "a/b", "a/b/file.bin"]


def test_a_crash_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file.bin"
    write_bytes(target, b"old")
    with pytest.raises(Crash), appearing(target) as draft:
        crash_after_half(draft)
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["file.bin"]


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_disk_that_fails_at_any_step_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    target = tmp_path / "file.bin"
    write_bytes(target, b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(step, full)
    with pytest.raises(NotWritable) as caught:
        write_bytes(target, b"new")
    assert str(target) in caught.value.message
    assert "No space left" in caught.value.message
    assert "free space" in caught.value.hint
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["file.bin"]


def test_the_draft_lies_where_it_is_told(tmp_path: Path) -> None:
    with appearing(tmp_path / "data" / "x.parquet", temporary=tmp_path / "data" / ".tmp") as draft:
        assert draft.parent == tmp_path / "data" / ".tmp"
        assert names(tmp_path / "data") == [".tmp", f".tmp/{draft.name}"]
        draft.write_bytes(b"x")
    assert names(tmp_path / "data") == [".tmp", "x.parquet"]


def test_content_and_every_new_folder_are_synced_before_they_are_relied_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []

    def watched(path: Path) -> None:
        synced.append("draft" if path.name.endswith(".tmp") else str(path.relative_to(tmp_path.parent)))

    monkeypatch.setattr(disk, "sync", watched)
    write_bytes(tmp_path / "a" / "b" / "file", b"x")
    root = tmp_path.name
    assert synced == [root, f"{root}/a", "draft", f"{root}/a/b"]


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_a_file_has_its_mode_from_the_first_moment(tmp_path: Path, mode: int) -> None:
    with appearing(tmp_path / "secret", mode=mode) as draft:
        assert stat.S_IMODE(draft.stat().st_mode) == mode
    write_bytes(tmp_path / "secret", b"x", mode=mode)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == mode


def test_a_file_where_a_folder_should_be_is_named_with_user_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    for target in (tmp_path / "taken" / "x", tmp_path / "taken" / "deeper" / "x"):
        with pytest.raises(NotWritable) as caught:
            write_bytes(target, b"x")
        assert str(target) in caught.value.message
        assert user() in caught.value.message
        assert "move away what lies there" in caught.value.hint
    with pytest.raises(NotWritable):
        check_writable(tmp_path / "taken")
    assert names(tmp_path) == ["taken"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_named_with_user_and_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(NotWritable) as caught:
            check_writable(tmp_path)
    finally:
        tmp_path.chmod(0o700)
    assert user() in caught.value.hint


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EACCES, "right to write"),
        (errno.EPERM, "right to write"),
        (errno.EROFS, "mount that file system writable"),
        (errno.ENOSPC, "free space"),
        (errno.EIO, "see to the disk"),
    ],
)
def test_each_refusal_has_its_remedy(number: int, remedy: str) -> None:
    with pytest.raises(NotWritable) as caught, writing(Path("/data/x")):
        raise OSError(number, os.strerror(number))
    assert remedy in caught.value.hint
    assert os.strerror(number) in caught.value.message
    assert "/data/x" in caught.value.message


def test_a_target_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(NotWritable):
        write_bytes(tmp_path / "x", b"x")
    assert names(tmp_path) == ["x"]


def test_showing_that_a_folder_is_writable_leaves_it_empty(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "folder")
    assert names(tmp_path) == ["new", "new/folder"]


def test_a_folder_that_exists_is_made_again_without_harm(tmp_path: Path) -> None:
    make_folder(tmp_path / "a")
    make_folder(tmp_path / "a")
    make_folder(Path())
    assert names(tmp_path) == ["a"]


def test_what_is_appended_is_whole_and_its_place_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: real(handle, content[:2]))
    file = tmp_path / "rows"
    assert [append(file, content) for content in (b"", b"abcde", b"fgh")] == [0, 0, 5]
    assert file.read_bytes() == b"abcdefgh"


def test_what_cannot_be_appended_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotWritable, match=f"cannot write {tmp_path}: Is a directory"):
        append(tmp_path, b"a")
