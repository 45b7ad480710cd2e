"""The files of an export's parts (zip, tgz, folder), one after another, never unpacked to the disk.

Whatever cannot be a file of an export is named with its reason and the rest goes on.
Source: ../shared/reference/takeout.md says how Google packs an export.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from cromwelld.errors import DamagedFile

_ARCHIVES = (".zip", ".tgz", ".tar.gz", ".tar", ".gz", ".7z", ".rar")
_MOST_TIMES = 300  # text of an export packs 5 to 40 times smaller
_SMALL_BYTES = 16 * 1024 * 1024
_LARGEST_BYTES = 8 * 1024**3
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_GZIP = b"\x1f\x8b"
_REMEDY = "ask Google for the export again, or download this part again"
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, NotImplementedError)

Open = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of an export, which `open` reads while it is its turn.

    `name` has slashes, `mark` changes with the content, `problem` says why it must not be read.
    """

    part: str
    name: str
    size_bytes: int
    mark: str
    open: Open
    problem: str = ""

    @property
    def key(self) -> str:
        """Name what is read but once, in whichever part it lies."""
        return f"{self.name}|{self.size_bytes}|{self.mark}"


class Unreadable(Exception):
    """Say why a member cannot be read."""


def members(part: Path) -> Iterator[Member]:
    """Give the files of one part: of a zip and a folder by name, of a tgz as they come.

    Raises: DamagedFile if the part itself cannot be read, perhaps after some of its files.
    """
    try:
        if part.is_dir():
            yield from _of_folder(part)
        elif zipfile.is_zipfile(part):
            yield from _of_zip(part)
        else:
            yield from _of_tar(part)
    except Unreadable as err:
        raise DamagedFile(f"{part}: {err}", hint=_REMEDY) from err
    except _BROKEN as err:
        raise DamagedFile(f"{part} cannot be read ({_why(err)})", hint=_REMEDY) from err


def names(part: Path) -> list[str]:
    """List the names in a part without reading it; none of a tgz, which does not tell them before it is read.

    Raises: DamagedFile if the part itself cannot be read.
    """
    if part.is_dir() or zipfile.is_zipfile(part):
        return [member.name for member in members(part)]
    return []


def identity(part: Path) -> str:
    """Give a text that changes when a part does, without reading it."""
    if part.is_dir():
        return f"{part}|folder"
    told = part.stat()
    return f"{part.name}|{told.st_size}|{told.st_mtime_ns}"


@contextmanager
def opened(member: Member) -> Iterator[io.BufferedReader]:
    """Open a member for reading; whatever is wrong with its bytes is told in one way.

    Raises: Unreadable.
    """
    try:
        with member.open() as raw:
            yield io.BufferedReader(_Counted(raw, member.size_bytes), 1 << 20)
    except _BROKEN as err:
        raise Unreadable(f"it cannot be read ({_why(err)})") from err


def _why(err: BaseException) -> str:
    """Say in words without content what is broken."""
    return "the file ends too early" if isinstance(err, EOFError) else type(err).__name__


class _Counted(io.RawIOBase):
    """Read no more than was announced."""

    def __init__(self, raw: BinaryIO, announced: int) -> None:
        self._raw = raw
        self._left = announced

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill a buffer."""
        found = self._raw.read(len(buffer))
        self._left -= len(found)
        if self._left < 0:
            raise Unreadable("it is larger than it says")
        buffer[: len(found)] = found
        return len(found)


def _checked(name: str, size_bytes: int, packed_bytes: int) -> str:
    """Say what speaks against a member by its name and size alone."""
    path = PurePosixPath(name)
    if any("\udc80" <= character <= "\udcff" for character in name):
        return "its name is not UTF-8"
    if (
        path.is_absolute()
        or ".." in path.parts
        or "\\" in name
        or "\0" in name
        or (path.parts and ":" in path.parts[0])
    ):
        return "its name points out of the export"
    if name.lower().endswith(_ARCHIVES):
        return "an archive within an archive"
    if size_bytes > _LARGEST_BYTES or (size_bytes > _SMALL_BYTES and size_bytes > _MOST_TIMES * max(packed_bytes, 1)):
        return "it would grow beyond what a file of an export can be"
    return ""


# --- a zip


def _of_zip(part: Path) -> Iterator[Member]:
    with zipfile.ZipFile(part) as archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            if not info.is_dir():
                yield _zipped(part, archive, info)


def _zipped(part: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    name, problem = info.filename, ""
    if not info.flag_bits & _UTF8_FLAG and not name.isascii():
        name, problem = _shown(info.orig_filename.encode("cp437", "replace")), "its name is not UTF-8"
    if info.flag_bits & _ENCRYPTED_FLAG:
        problem = "it is encrypted"
    return Member(
        part=part.name,
        name=name,
        size_bytes=info.file_size,
        mark=f"{info.CRC:08x}",
        open=lambda: _unzipped(archive, info),
        problem=problem or _checked(name, info.file_size, info.compress_size),
    )


def _unzipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO:
    return archive.open(info)  # type: ignore[return-value]


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")


# --- a tgz, which can be read but once and in its own order


def _of_tar(part: Path) -> Iterator[Member]:
    with part.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        with tarfile.open(fileobj=_Growing(gzip.GzipFile(fileobj=raw) if packed else raw, raw), mode="r|") as archive:
            for info in archive:
                if not info.isdir():
                    yield _tarred(part, archive, info)


class _Growing(io.RawIOBase):
    """Read a packed stream until it has grown beyond what an export can."""

    def __init__(self, unpacked: BinaryIO | gzip.GzipFile, packed: BinaryIO) -> None:
        self._unpacked, self._packed = unpacked, packed
        self._given = 0

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read some bytes.

        Raises: Unreadable.
        """
        found = self._unpacked.read(size)
        self._given += len(found)
        if self._given > _SMALL_BYTES + _MOST_TIMES * self._packed.tell():
            raise Unreadable("it grows beyond what an export can be")
        return found


def _tarred(part: Path, archive: tarfile.TarFile, info: tarfile.TarInfo) -> Member:
    problem = "" if info.isfile() else "it is a link or a device"
    packed = part.stat().st_size  # a stream does not tell what each of its files takes
    name = info.name.encode("utf-8", "surrogateescape")
    shown = _shown(name)
    return Member(
        part=part.name,
        name=shown,
        size_bytes=info.size,
        mark=f"{int(info.mtime)}",
        open=lambda: _untarred(archive, info),
        problem=problem or _checked(info.name, info.size, packed),
    )


def _untarred(archive: tarfile.TarFile, info: tarfile.TarInfo) -> BinaryIO:
    found = archive.extractfile(info)
    if found is None:
        raise Unreadable("it is no file")
    return found  # type: ignore[return-value]


# --- a folder


def _of_folder(part: Path) -> Iterator[Member]:
    for path in _files(part):
        relative = PurePosixPath(part.name, *path.relative_to(part).parts)
        told = path.lstat()
        name = str(relative)
        yield Member(
            part=part.name,
            name=_shown(os.fsencode(name)),
            size_bytes=told.st_size,
            mark=f"{told.st_mtime_ns}",
            open=lambda path=path: path.open("rb"),  # type: ignore[misc]
            problem=_checked(name, told.st_size, told.st_size) if stat.S_ISREG(told.st_mode) else "it is a link",
        )


def _files(folder: Path) -> Iterator[Path]:
    """Give what lies below a folder, by name; links to folders are not followed."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            yield from _files(path)
        else:
            yield path
