"""An export as it comes: a folder, or archives split into parts."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.support.takeout.export import members
from tests.support.takeout.member import Member
from tests.support.takeout.order import Order

QUICKLY = 1


class Form(Enum):
    """Name the forms in which an export comes."""

    FOLDER = "folder"
    ZIP = "zip"
    TGZ = "tgz"


def pack(order: Order, into: Path, *, form: Form = Form.ZIP, part_bytes: int | None = None) -> list[Path]:
    """Write an export below a folder and list what to import, in order; equal orders give equal bytes.

    `part_bytes` bounds the files of one part before they are packed; a file is never split.
    """
    into.mkdir(parents=True, exist_ok=True)
    if form is Form.FOLDER:
        return [_unpacked(members(order), into)]
    stem = f"takeout-{order.made:%Y%m%dT%H%M%SZ}"
    write = {Form.ZIP: _zipped, Form.TGZ: _tarred}[form]
    return [
        write(part, into / f"{stem}-{number:03}.{form.value}", order)
        for number, part in enumerate(_Cut(members(order), part_bytes), start=1)
    ]


@dataclass(slots=True)
class _Cut:
    """Cut a stream of files where a part is full, without holding more than one file."""

    files: Iterator[Member]
    part_bytes: int | None
    ahead: Member | None = None

    def __iter__(self) -> Iterator[Iterator[Member]]:
        self.ahead = next(self.files, None)
        while self.ahead:
            yield self._part()

    def _part(self) -> Iterator[Member]:
        filled = 0
        while self.ahead and (not filled or self._fits(filled + len(self.ahead.content))):
            file, self.ahead = self.ahead, next(self.files, None)
            filled += len(file.content)
            yield file

    def _fits(self, size_bytes: int) -> bool:
        return self.part_bytes is None or size_bytes <= self.part_bytes


def _unpacked(files: Iterable[Member], into: Path) -> Path:
    for file in files:
        path = into / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    return into


def _zipped(files: Iterable[Member], path: Path, order: Order) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=QUICKLY) as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.name, date_time=order.made.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.content, compresslevel=QUICKLY)
    return path


def _tarred(files: Iterable[Member], path: Path, order: Order) -> Path:
    made = int(order.made.timestamp())
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", QUICKLY, raw, made) as packed,
        tarfile.open(fileobj=packed, mode="w|") as archive,
    ):
        for file in files:
            entry = tarfile.TarInfo(file.name)
            entry.size, entry.mtime = len(file.content), made
            archive.addfile(entry, io.BytesIO(file.content))
    return path
