"""Files that appear complete or not at all."""

from __future__ import annotations

import errno
import getpass
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from cromwelld.errors import NotWritable, StoreError


@contextmanager
def appearing(target: Path, *, temporary: Path | None = None, mode: int = 0o644) -> Iterator[Path]:
    """Give a temporary path to write; on leaving it is synced, renamed to `target`, and the folder is synced.

    The temporary file lies in `temporary` (same file system) or beside the target. On an error nothing of it stays; one
    that a kill left behind is overwritten when the same target is written again. A target has one writer at a time.

    Raises: NotWritable if the folder or the file cannot be written.
    """
    folder = temporary or target.parent
    with writing(target):
        make_folder(folder)
        make_folder(target.parent)
        draft = folder / draft_name(target)
        draft.unlink(missing_ok=True)
        draft.touch(mode=mode)
    try:
        yield draft
        with writing(target):
            sync(draft)
            draft.replace(target)
            sync(target.parent)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def draft_name(target: Path) -> str:
    """Name the temporary file that becomes `target`."""
    return f".{target.name}.tmp"


def is_draft(path: Path) -> bool:
    """Tell whether a file is one that is being written, or that a kill left behind."""
    return path.name.startswith(".") and path.name.endswith(".tmp")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an operating system's refusal to write `path` into an error for people.

    Raises: NotWritable.
    """
    try:
        yield
    except OSError as err:
        raise _explain(path, err) from err


def _explain(path: Path, err: OSError) -> NotWritable:
    reason = err.strerror or type(err).__name__
    hint = _HINTS.get(err.errno or 0, _SEE_TO_THE_DISK).format(user=user())
    return NotWritable(f"cannot write {path}: {reason} (user {user()!r})", hint=hint)


_SEE_TO_THE_DISK = "see to the disk; what was collected waits and nothing is lost"
_NO_RIGHT = "give the user {user!r} the right to write there, or choose another folder in the configuration"
_FULL = "free space on that disk; what was collected waits and nothing is lost"
_IN_THE_WAY = "move away what lies there, or choose another folder in the configuration"
_HINTS = {
    errno.EACCES: _NO_RIGHT,
    errno.EPERM: _NO_RIGHT,
    errno.EROFS: "mount that file system writable, or choose another folder in the configuration",
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EISDIR: _IN_THE_WAY,
    errno.EEXIST: _IN_THE_WAY,
}


def user() -> str:
    """Name the user this process runs as."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user has no entry
        return str(os.getuid())


def write_bytes(target: Path, content: bytes, *, temporary: Path | None = None, mode: int = 0o644) -> None:
    """Write a whole small file atomically.

    Raises: NotWritable.
    """
    with appearing(target, temporary=temporary, mode=mode) as draft, writing(target):
        draft.write_bytes(content)


def write_together(files: Mapping[Path, bytes], *, mode: int = 0o644) -> None:
    """Write whole small files, each of them atomically; their folders are synced once for all of them.

    Raises: NotWritable; files that were written before it are whole.
    """
    for target, content in files.items():
        with writing(target):
            make_folder(target.parent)
            draft = target.with_name(draft_name(target))
            draft.unlink(missing_ok=True)
            draft.touch(mode=mode)
            draft.write_bytes(content)
            sync(draft)
    for target in files:
        with writing(target):
            target.with_name(draft_name(target)).replace(target)
    for folder in {target.parent for target in files}:
        with writing(folder):
            sync(folder)


def append(target: Path, content: bytes) -> int:
    """Write to the end of a file, which is made where it is missing, and give where `content` begins.

    A kill may leave a part of it, and nothing is synced: whoever reads it checks it.

    Raises: NotWritable.
    """
    with writing(target):
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            start, left = os.fstat(handle).st_size, memoryview(content)
            while left:
                left = left[os.write(handle, left) :]
        finally:
            os.close(handle)
    return start


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each of them durable; a file in a folder that a crash forgets is lost."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync(folder.parent)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner may enter, or make it so.

    Raises: NotWritable.
    """
    with writing(folder):
        make_folder(folder)
        folder.chmod(0o700)


def sync(path: Path) -> None:
    """Bring a file or folder to the disk; folders are passed over where the system cannot do it."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_readable(folder: Path) -> None:
    """Show that what lies in `folder` can be listed.

    Raises: StoreError.
    """
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except OSError as err:
        why = err.strerror or type(err).__name__
        hint = f"make it, and let {user()} read it and what lies in it"
        raise StoreError(f"{folder} cannot be read: {why}", hint=hint) from err


def check_writable(folder: Path) -> None:
    """Make `folder` if it is missing, and show that files can be made in it.

    Raises: NotWritable.
    """
    with writing(folder):
        make_folder(folder)
        with tempfile.TemporaryFile(dir=folder):  # one without a name: a kill leaves nothing
            return
