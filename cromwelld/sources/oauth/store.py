"""One account's login on disk: whole at every instant, with the generation before it, and one writer at a time."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, suppress
from pathlib import Path

from cromwelld.disk import draft_name, make_private, sync, user, write_bytes, writing
from cromwelld.errors import DamagedFile, Held, LoginNeeded
from cromwelld.events import Event, Kind, Report
from cromwelld.locks import held
from cromwelld.sources.oauth.threads import finished
from cromwelld.sources.oauth.tokens import Tokens, decode, encode, replaced

_PRIVATE = 0o600
_WAIT_S, _SLICE_S = 120.0, 1.0
Mark = tuple[int, int, int]


class TokenStore:
    """Keep a login at `path`; beside it lie `.previous`, the generation before, and `.lock`.

    A save first makes the new file durable and puts it in place, then the old one as the previous generation. Killed
    before it is in place, the whole draft is found by whoever holds the lock next; so a pair that reached the disk is
    never lost.
    """

    def __init__(self, path: Path, report: Report, *, wait_s: float = _WAIT_S) -> None:
        self.path = path
        self.previous = path.with_name(f"{path.name}.previous")
        self._lock = path.with_name(f"{path.name}.lock")
        self._ended = path.with_name(f"{path.name}.ended")
        self._draft = path.with_name(draft_name(path))
        self._report = report
        self._wait_s = wait_s

    def load(self) -> Tokens | None:
        """Read the login; None if there is none. A damaged file gives the generation before it, and is reported.

        Raises: LoginNeeded if that is damaged too or missing; DamagedFile if the file may not be read.
        """
        content = _read(self.path)
        if content is None:
            return None
        try:
            return decode(content, self.path)
        except DamagedFile as err:
            self._report(Event(Kind.FILE_DAMAGED, {"problem": err.message}))
            damage = err
        content = _read(self.previous)
        try:
            if content is not None:
                return decode(content, self.previous)
        except DamagedFile as err:
            self._report(Event(Kind.FILE_DAMAGED, {"problem": err.message}))
        raise LoginNeeded(damage.message, hint=f"run `cromwelld login`; {damage.hint}") from damage

    def save(self, tokens: Tokens) -> None:
        """Make a login durable before this returns; call it with the lock held.

        Raises: NotWritable; the file is then what it was before.
        """
        self._make_folder()
        before = _read(self.path)
        write_bytes(self.path, encode(tokens, replaces=_digest(before)), mode=_PRIVATE)
        self._keep(before)

    def _keep(self, before: bytes | None) -> None:
        """Keep the generation that was replaced, unless it is unreadable: then an older one is worth more."""
        if before is None:
            return
        with suppress(DamagedFile):
            decode(before, self.path)
            write_bytes(self.previous, before, mode=_PRIVATE)

    def check(self) -> None:
        """Show that a login could be saved now. Raises: NotWritable."""
        self._make_folder()
        probe = self.path.with_name(f".{self.path.name}.probe")
        write_bytes(probe, b" " * 16_384, mode=_PRIVATE)  # a full disk takes empty files, but no bytes
        with writing(probe):
            probe.unlink(missing_ok=True)

    def mark(self) -> Mark | None:
        """Give what differs when the file was replaced or changed; None if there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def end(self, reason: str) -> None:
        """Remember that the vendor renews this very login no more, for processes to come. Raises: NotWritable."""
        note = {"login": _digest(_read(self.path)), "reason": reason}
        write_bytes(self._ended, json.dumps(note).encode(), mode=_PRIVATE)

    def ended(self) -> str | None:
        """Give why the login that lies there is dead; None if nobody said so of this one."""
        try:
            note = json.loads(self._ended.read_bytes())
            found = note["reason"] if note["login"] == _digest(_read(self.path)) else None
        except (OSError, ValueError, KeyError, TypeError, DamagedFile):  # a note that cannot be read costs a request
            return None
        return found if isinstance(found, str) else None

    def remove(self) -> None:
        """Take away the login and everything beside it. Raises: NotWritable."""
        for file in (self.path, self.previous, self._ended, self._draft, self._lock):
            with writing(file):
                file.unlink(missing_ok=True)

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Be the only one, in this and other processes, who renews or replaces the login; what a kill left is tidied.

        Raises: Held naming the holder after the longest wait; NotWritable.
        """
        with ExitStack() as stack:
            await self._acquire(stack)
            await finished(self._recover)
            yield

    async def _acquire(self, stack: ExitStack) -> None:
        """Wait in a thread, a little at a time, so that a waiter who is cancelled holds nobody up."""
        await asyncio.to_thread(self._make_folder)
        left_s = self._wait_s
        while True:
            slice_s = min(_SLICE_S, left_s)
            left_s -= slice_s
            try:
                await _enter(held(self._lock, "renewing the login", wait_s=slice_s), stack)
            except Held:
                if left_s <= 0:
                    raise
            else:
                return

    def _recover(self) -> None:
        """Put a whole draft in its place if it was to replace the file that is there; remove it if not."""
        draft = _read(self._draft)
        if draft is None:
            return
        before = _read(self.path)
        with suppress(DamagedFile):
            decode(draft, self._draft)
            if replaced(draft) == _digest(before):
                with writing(self.path):
                    sync(self._draft)
                    self._draft.replace(self.path)
                    sync(self.path.parent)
                self._keep(before)
                return
        with writing(self._draft):
            self._draft.unlink(missing_ok=True)

    def _make_folder(self) -> None:
        if not self.path.parent.is_dir():
            make_private(self.path.parent)


async def _enter(lock: AbstractContextManager[None], stack: ExitStack) -> None:
    """Take a lock in a thread; if nobody waits for it any more when it is had, it is given back."""
    entering = asyncio.ensure_future(asyncio.to_thread(stack.enter_context, lock))

    def give_back(done: asyncio.Future[None]) -> None:
        if not done.cancelled() and done.exception() is None:
            stack.close()

    try:
        await asyncio.shield(entering)
    except asyncio.CancelledError:
        entering.add_done_callback(give_back)
        raise


def _digest(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _read(path: Path) -> bytes | None:
    """Read a file; None if it is missing. Raises: DamagedFile if it may not be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as err:
        hint = f"give the user {user()!r} the right to read it"
        raise DamagedFile(f"cannot read {path}: {err.strerror or type(err).__name__}", hint=hint) from err
