"""A date into its object, the version before it aside if it held more."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from cromwelld.archive import codec
from cromwelld.archive.codec import Opened
from cromwelld.day import Day, lacks
from cromwelld.disk import writing
from cromwelld.events import Event, Kind
from cromwelld.jobs.places import Places
from cromwelld.state import Mark, Marked


@dataclass(frozen=True, slots=True)
class Put:
    """The digest of a date's object, the mark that its store gave it, and whether it is a new one."""

    digest: str
    mark: str
    changed: bool


NOTHING_PUT = Put("", "", changed=False)


async def put_object(places: Places, day: Day, opened: Opened | None) -> Put:
    """Write a date's object unless it is as `opened`, the one that is there; one with records that it lacks is kept.

    Raises: NotWritable; DamagedFile; StoreError; FarSideAway: then the old object is still there.
    """
    draft = places.drafts / f"{day.date.isoformat()}.json.gz"
    with writing(draft):
        places.drafts.mkdir(parents=True, exist_ok=True)
        encoded = await asyncio.to_thread(codec.write, day, draft)
    try:
        if opened is not None and opened.digest == encoded.digest:
            places.report(Event(Kind.DAY_UNCHANGED, {"account": places.account, "date": day.date.isoformat()}))
            return Put(encoded.digest, opened.mark, changed=False)
        if opened is not None and lacks(day, opened.tables):
            await places.archive.set_aside(day.date, opened.digest, foreign=opened.day is None)
            places.report(Event(Kind.DAY_REPLACED, {"account": places.account, "date": day.date.isoformat()}))
        mark = await places.archive.put(day.date, draft, encoded)
        uploaded = Marked(mark=Mark.UPLOADED, at=places.clock())
        await asyncio.to_thread(places.ledger.marks.note, places.account, [uploaded])
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    fields: dict[str, str | int | float] = {
        "account": places.account,
        "date": day.date.isoformat(),
        "records": day.records,
        "bytes": encoded.size_bytes,
    }
    places.report(Event(Kind.DAY_ARCHIVED, fields))
    return Put(encoded.digest, mark, changed=True)
