"""Hold archive, tables and ledger against each other, date by date."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace

from cromwelld.archive.codec import Opened
from cromwelld.archive.names import date_of, object_name
from cromwelld.archive.objects import DIGEST
from cromwelld.archive.store import Listed
from cromwelld.day import Day, Difference, differences, digest
from cromwelld.errors import DamagedFile, FarSideAway
from cromwelld.events import Event, Kind
from cromwelld.jobs import foreign
from cromwelld.jobs.archiving import put_object
from cromwelld.jobs.places import Places
from cromwelld.jobs.remembering import Streams, Told, entries, remember
from cromwelld.jobs.stages import READ_BACK, Stages
from cromwelld.jobs.states import state_of
from cromwelld.lake.writer import LakeDay
from cromwelld.state import Kept, Ledger, Mark, Marked

_REPAIR = "run: cromwelld verify --repair"
_LEAST_DATES, _SHARE = 30, 10  # of what is read back by itself: a tenth each time, but thirty dates at least
ARCHIVE, TABLES, LEDGER = "archive", "tables", "ledger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that does not fit: where it is wrong, what is wrong, what to do; `mended` if it has been done."""

    date: dt.date
    place: str
    sentence: str
    remedy: str
    mended: bool = False


@dataclass(slots=True)
class Verified:
    """What was read back: dates, the records of their objects, and all that does not fit."""

    dates: list[dt.date] = field(default_factory=list)
    records: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Tell whether everything fits now."""
        return all(one.mended for one in self.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to verify: `only` these dates, or all; with `repair` mend what the archive can mend.

    `streams` are those of each source by name, for a ledger that has to be rebuilt.
    """

    streams: Streams
    repair: bool = False
    only: Collection[dt.date] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """One date as the three have it: `damage` is why its object cannot be read, `digest` the one that tables tell.

    `archived` is the date as its object has it; a foreign one is dated and mended as it is for the tables.
    """

    date: dt.date
    listed: Listed | None
    opened: Opened | None
    archived: Day | None
    damage: DamagedFile | None
    tabled: Day | None
    kept: Kept | None
    digest: str
    waits: bool


async def verify(places: Places, order: Order, tell: Callable[[dt.date], None]) -> Verified:
    """Read dates back from the archive and compare; `tell` hears of each date. One date is in memory at a time.

    Raises: FarSideAway or StoreError if the archive cannot be listed or read, or the tables cannot be read.
    """
    stages = Stages(asyncio.get_running_loop().time)
    with stages.during(READ_BACK):
        result = await _read_all(places, order, tell)
    await asyncio.to_thread(_enter, places, result)
    for finding in result.findings:
        places.report(_event(places.account, finding))
    places.report(Event(Kind.DATES_VERIFIED, {**_summed(places.account, result), **stages.fields()}))
    return result


async def _read_all(places: Places, order: Order, tell: Callable[[dt.date], None]) -> Verified:
    """Read the dates back one by one, and see what does not fit."""
    listed = {date: one for one in await places.archive.listed() if (date := date_of(one.name)) is not None}
    tabled = await asyncio.to_thread(places.lake.digests)
    kept = await asyncio.to_thread(places.ledger.dates, places.account)
    result = Verified()
    for date in sorted({*listed, *map(dt.date.fromisoformat, tabled), *kept}):
        if order.only is None or date in order.only:
            held = await _held(places, _Known(date, listed.get(date), kept.get(date), tabled.get(date.isoformat(), "")))
            for check in CHECKS:
                result.findings += await check(places, held, order)
            result.records += 0 if held.archived is None else held.archived.records
            result.dates.append(date)
            tell(date)
    return result


def _enter(places: Places, result: Verified) -> None:
    """Note which dates were read back, and that everything fitted, if it did."""
    now = places.clock()
    places.ledger.verified(places.account, result.dates, now)
    if result.dates and result.sound:
        places.ledger.marks.note(places.account, [Marked(mark=Mark.VERIFIED, at=now)])


def _summed(account: str, result: Verified) -> dict[str, str | int | float]:
    """Say in one line what was read back."""
    mended = sum(one.mended for one in result.findings)
    counts = {"dates": len(result.dates), "records": result.records, "unsound": len(result.findings) - mended}
    return {"account": account, **counts, "mended": mended}


@dataclass(frozen=True, slots=True)
class _Known:
    """What the three say of a date before anything of it is read."""

    date: dt.date
    listed: Listed | None
    kept: Kept | None
    digest: str


async def _held(places: Places, known: _Known) -> _Held:
    opened, damage = None, None
    try:
        opened = await places.archive.read(known.date) if known.listed is not None else None
    except DamagedFile as err:
        damage = err
    tabled = await asyncio.to_thread(places.lake.day, known.date)
    zones = replace(places.zones, given=tabled.zone if tabled else "")
    return _Held(
        date=known.date,
        listed=known.listed,
        opened=opened,
        archived=None if opened is None else opened.day or foreign.day_of(known.date, opened, zones),
        damage=damage,
        tabled=tabled,
        kept=known.kept,
        digest=known.digest or (known.kept.digest if known.kept else ""),
        waits=bool(await asyncio.to_thread(places.outbox.waiting, known.date)),
    )


def _event(account: str, finding: Finding) -> Event:
    kind = Kind.DATE_MENDED if finding.mended else Kind.DATE_UNSOUND
    problem = f"{finding.date} {finding.place}: {finding.sentence}"
    return Event(kind, {"account": account, "date": finding.date.isoformat(), "problem": problem})


async def _check_object(places: Places, held: _Held, order: Order) -> list[Finding]:
    """See that the object is there and whole; what the tables have to the letter can be written again."""
    wrong = _wrong_with_object(held)
    if wrong is None:
        return []
    lost = held.opened is None
    same = held.tabled is not None and not held.waits and digest(held.tabled) == held.digest
    mended = order.repair and lost and same
    if mended and held.tabled is not None:
        await put_object(places, held.tabled, None)
    remedy = _REPAIR if lost and same else f"run: cromwelld collect {held.date}, or put back a copy that can be read"
    return [Finding(date=held.date, place=ARCHIVE, sentence=wrong, remedy=remedy, mended=mended)]


def _wrong_with_object(held: _Held) -> str | None:
    if held.damage is not None:
        return held.damage.message
    if held.opened is None:
        return "its object is gone" if held.digest else None
    said = held.opened.about.get(DIGEST, held.opened.digest)
    return None if said == held.opened.digest else "its object is not what was written: the digest differs"


async def _check_tables(places: Places, held: _Held, order: Order) -> list[Finding]:
    """See that the tables have what the object has; while pieces wait they may have more."""
    if held.archived is None or held.opened is None or held.waits:
        return []
    found = _wrong_with_tables(held, held.archived)
    if not found:
        return []
    if order.repair:
        await asyncio.to_thread(places.lake.write, [_entry(held.archived, held.opened)])
    return [Finding(date=held.date, place=TABLES, sentence=one, remedy=_REPAIR, mended=order.repair) for one in found]


def _wrong_with_tables(held: _Held, archived: Day) -> list[str]:
    if held.tabled is None:
        return ["it is not in the tables"]
    own = held.opened is not None and held.opened.day is not None
    found = [one for one in differences(archived, held.tabled.tables) if own or one.measurement in archived.tables]
    return [_sentence(one) for one in found] or _other_version(held)


def _sentence(one: Difference) -> str:
    if one.archived == one.tabled:
        return f"{one.measurement} is not what the archive has"
    return f"{one.measurement} has {one.tabled} rows, the archive has {one.archived}"


def _other_version(held: _Held) -> list[str]:
    same = held.opened is not None and held.opened.digest == held.digest
    return [] if same else ["they say that they were made of another version of the object"]


def _entry(day: Day, opened: Opened) -> LakeDay:
    return LakeDay(
        day=day,
        complete=opened.day is not None,
        state=state_of(day, ended=True),
        sealed=False,
        object_name=object_name(day.date),
        digest=opened.digest,
        mark=opened.mark if opened.day is not None else "",
    )


async def _check_ledger(places: Places, held: _Held, order: Order) -> list[Finding]:
    """See that the ledger knows what the object tells of the date."""
    if held.archived is None or held.opened is None or held.listed is None:
        return []
    told = Told(day=held.archived, digest=held.opened.digest, since=held.listed.changed_at)
    found = await asyncio.to_thread(_wrong_with_ledger, places, held.kept, told, order.streams)
    if found and order.repair:
        await asyncio.to_thread(remember, places.ledger, places.account, told, order.streams)
    return [Finding(date=held.date, place=LEDGER, sentence=one, remedy=_REPAIR, mended=order.repair) for one in found]


def _wrong_with_ledger(places: Places, kept: Kept | None, told: Told, streams: Streams) -> list[str]:
    date = told.day.date
    known = {entry.stream for entry in places.ledger.entries(places.account, date, date)}
    unknown = sorted({entry.stream for entry in entries(told, streams)} - known)
    found = [f"it does not know {', '.join(unknown)}"] if unknown else []
    if kept is None:
        return ["it does not know the date", *found]
    return found if kept.digest == told.digest else ["it knows another version of the object", *found]


Check = Callable[[Places, _Held, Order], Awaitable[list[Finding]]]
CHECKS: tuple[Check, ...] = (_check_object, _check_tables, _check_ledger)


async def read_back(places: Places, streams: Streams, every_s: int | None) -> Verified:
    """Verify the dates that are due; what is wrong is reported. An archive that is away is read back another time."""
    dates = await asyncio.to_thread(due, places.ledger, places.account, places.clock(), every_s)
    with suppress(FarSideAway):  # they stay due
        if dates:
            return await verify(places, Order(streams=streams, only=frozenset(dates)), lambda _: None)
    return Verified()


def due(ledger: Ledger, account: str, now: dt.datetime, every_s: int | None) -> list[dt.date]:
    """Choose the dates to be read back by itself now: a tenth, those that were longest not; none before their time."""
    kept = {date: one for date, one in ledger.dates(account).items() if one.digest}
    if every_s is None or not kept:
        return []
    read = [one.verified_at for one in kept.values() if one.verified_at is not None]
    if read and (now - max(read)).total_seconds() < every_s:
        return []
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    order = sorted(kept, key=lambda date: (kept[date].verified_at or never, -date.toordinal()))
    return sorted(order[: max(_LEAST_DATES, len(order) // _SHARE)])
