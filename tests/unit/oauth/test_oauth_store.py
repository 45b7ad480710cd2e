from __future__ import annotations

import asyncio
import errno
import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from cromwelld.errors import DamagedFile, Held, LoginNeeded, NotWritable
from cromwelld.events import Event, Kind
from cromwelld.locks import held
from cromwelld.sources.oauth.store import TokenStore
from cromwelld.sources.oauth.threads import finished
from cromwelld.sources.oauth.tokens import Tokens, encode
from tests.unit.oauth.token_house import told

ROOT = Path(__file__).resolve().parents[3]
FIRST = Tokens(access_token="SECRET.1", refresh_token="SECRET-1")
SECOND = Tokens(access_token="SECRET.2", refresh_token="SECRET-2")
THIRD = Tokens(access_token="SECRET.3", refresh_token="SECRET-3")


class Kept:
    """A store in a folder, and what it reported."""

    def __init__(self, folder: Path) -> None:
        self.events: list[Event] = []
        self.path = folder / "tokens" / "me.json"
        self.store = TokenStore(self.path, self.events.append, wait_s=0.2)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.path.parent.iterdir())


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_there_is_no_login_at_first(kept: Kept) -> None:
    assert kept.store.load() is None
    assert kept.store.mark() is None


def test_what_is_saved_is_loaded_and_the_generation_before_is_kept(kept: Kept) -> None:
    for tokens in (FIRST, SECOND, THIRD):
        kept.store.save(tokens)
        assert kept.store.load() == tokens
    assert kept.names() == ["me.json", "me.json.previous"]
    kept.path.write_bytes(b"")
    assert kept.store.load() == SECOND


def test_only_the_owner_may_read(kept: Kept) -> None:
    kept.store.save(FIRST)
    kept.path.chmod(0o644)  # put there by hand
    kept.store.save(SECOND)
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700
    for path in kept.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_other_mode_is_ever_seen(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.store.save(FIRST)
    modes: set[int] = set()

    def watch(_: int) -> None:
        modes.update(stat.S_IMODE(path.stat().st_mode) for path in kept.path.parent.iterdir())

    monkeypatch.setattr(os, "fsync", watch)
    kept.store.save(SECOND)
    assert modes == {0o600}


def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    TokenStore(tmp_path / "me.json", lambda _: None).save(FIRST)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


@pytest.mark.parametrize("damage", [b"", b"\x00" * 300, encode(SECOND)[:-20], b"SECRET.bare.token"])
def test_A1_a_damaged_file_gives_the_generation_before_it_and_says_so(kept: Kept, damage: bytes) -> None:  # noqa: N802
    kept.store.save(FIRST)
    kept.store.save(SECOND)
    kept.path.write_bytes(damage)
    assert kept.store.load() == FIRST
    assert [event.kind for event in kept.events] == [Kind.FILE_DAMAGED]
    assert str(kept.path) in str(kept.events[0].fields["problem"])
    told(*kept.events)


def test_A1_a_damaged_file_never_becomes_the_generation_before(kept: Kept) -> None:  # noqa: N802
    kept.store.save(FIRST)
    kept.store.save(SECOND)
    kept.path.write_bytes(b"damaged")
    kept.store.save(THIRD)
    kept.path.write_bytes(b"damaged")
    assert kept.store.load() == FIRST


@pytest.mark.parametrize("previous", [None, b"", b"SECRET.bare"])
def test_A1_with_both_damaged_a_login_is_needed(kept: Kept, previous: bytes | None) -> None:  # noqa: N802
    kept.store.save(FIRST)
    kept.path.write_bytes(b"SECRET.bare.token")
    if previous is not None:
        kept.store.previous.write_bytes(previous)
    with pytest.raises(LoginNeeded) as caught:
        kept.store.load()
    assert str(kept.path) in caught.value.message
    assert "bare token" in caught.value.message
    assert "cromwelld login" in caught.value.hint
    told(caught.value, *kept.events)


def test_a_removed_file_is_no_login_whatever_lies_beside_it(kept: Kept) -> None:
    kept.store.save(FIRST)
    kept.store.save(SECOND)
    kept.path.unlink()
    assert kept.store.load() is None


def test_a_file_that_may_not_be_read_is_a_matter_of_rights(kept: Kept) -> None:
    kept.path.mkdir(parents=True)
    with pytest.raises(DamagedFile, match="cannot read") as caught:
        kept.store.load()
    assert "right to read" in caught.value.hint


def test_the_mark_changes_with_every_change(kept: Kept) -> None:
    marks = set()
    for tokens in (FIRST, SECOND, THIRD):
        kept.store.save(tokens)
        marks.add(kept.store.mark())
    kept.path.write_bytes(b"by hand")
    marks.add(kept.store.mark())
    assert len(marks) == 4


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.write_bytes"])
def test_a_full_disk_leaves_the_login_as_it_was(kept: Kept, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    kept.store.save(FIRST)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(step, full)
        with pytest.raises(NotWritable, match="No space left"):
            kept.store.save(SECOND)
        with pytest.raises(NotWritable, match="No space left"):
            kept.store.check()
    assert kept.store.load() == FIRST
    assert "me.json" in kept.names()


def test_showing_that_a_login_could_be_saved_leaves_nothing_behind(kept: Kept) -> None:
    kept.store.save(FIRST)
    kept.store.check()
    assert kept.names() == ["me.json"]


# --- the lock


async def test_one_holder_at_a_time(kept: Kept) -> None:
    inside = 0

    async def hold() -> None:
        nonlocal inside
        async with TokenStore(kept.path, kept.events.append).lock():
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(hold() for _ in range(4)))


async def test_a_holder_in_another_process_is_named(kept: Kept) -> None:
    code = (
        "import sys; from pathlib import Path; from cromwelld.locks import held\n"
        "with held(Path(sys.argv[1]), 'login for me'): print('held', flush=True); sys.stdin.readline()"
    )
    command = [sys.executable, "-c", code, f"{kept.path}.lock"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Held, match="login for me"):
            async with kept.store.lock():
                pytest.fail("two held it")
        process.kill()
    async with kept.store.lock():
        pass


async def test_a_waiter_who_is_cancelled_leaves_no_lock_behind(kept: Kept) -> None:
    patient = TokenStore(kept.path, kept.events.append, wait_s=30.0)

    async def wait() -> None:
        async with patient.lock():
            pytest.fail("it was held by another")

    with held(Path(f"{kept.path}.lock"), "another"):
        waiting = asyncio.ensure_future(wait())
        for _ in range(3):
            await asyncio.to_thread(lambda: None)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    async with TokenStore(kept.path, kept.events.append, wait_s=5.0).lock():
        pass


async def test_work_under_the_lock_is_finished_before_a_cancellation_goes_on() -> None:
    begun, may_end = threading.Event(), threading.Event()
    ended: list[bool] = []

    def work() -> None:
        begun.set()
        ended.append(may_end.wait(20))

    task = asyncio.ensure_future(finished(work))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


# --- what a kill leaves


async def test_a_whole_draft_that_was_to_replace_the_file_is_found(kept: Kept) -> None:
    kept.store.save(FIRST)
    draft = draft_of(kept, SECOND)
    assert kept.store.load() == FIRST
    async with kept.store.lock():
        assert kept.store.load() == SECOND
    assert not draft.exists()
    kept.path.write_bytes(b"")
    assert kept.store.load() == FIRST


async def test_a_draft_that_was_to_replace_another_file_is_dropped(kept: Kept) -> None:
    kept.store.save(FIRST)
    draft = draft_of(kept, SECOND)
    kept.path.write_bytes(encode(replace(THIRD, scope="by hand")))
    async with kept.store.lock():
        loaded = kept.store.load()
    assert loaded is not None
    assert loaded.access_token == "SECRET.3"
    assert not draft.exists()


async def test_half_a_draft_is_dropped(kept: Kept) -> None:
    kept.store.save(FIRST)
    draft = draft_of(kept, SECOND)
    whole = draft.read_bytes()
    for size in range(0, len(whole) - 2, 17):
        draft.write_bytes(whole[:size])
        async with kept.store.lock():
            assert kept.store.load() == FIRST
        assert not draft.exists()


def draft_of(kept: Kept, tokens: Tokens) -> Path:
    """Leave a draft as a kill just before the rename does."""
    draft = kept.path.with_name(".me.json.tmp")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "replace", stop)
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            kept.store.save(tokens)
    assert draft.is_file()
    return draft
