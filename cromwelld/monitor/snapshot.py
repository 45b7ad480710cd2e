"""How everything stands at one instant: the value that gauges, probes and alerts are made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cromwelld.config import BY_EXPORT
from cromwelld.jobs.importing.standing import Exports
from cromwelld.outbox import Held
from cromwelld.state import Ledger, Left, Mark, Marked

_IN_USE = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device as it was when it last synced (UTC); `battery` is from 0 to 1, None if it does not say."""

    name: str
    last_sync: dt.datetime
    battery: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A login: `needed` says why a person must give a new one, "" if none is needed; None is not known, or never."""

    needed: str = ""
    access_ends_at: dt.datetime | None = None
    refresh_ends_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that does not work: since when, what, and the one thing to do about it."""

    since: dt.datetime
    sentence: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The disk of a folder, in bytes; `key` is the setting that names the folder."""

    key: str
    path: str
    free: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountNow:
    """How one account stands; times are UTC, None and missing keys are what is not known.

    `began_at` is when it was first looked after. `newest` is the newest sample by measurement, `answered` when the
    vendor last said what there is by stream, `refusal` why it said nothing the last time, "" if it did. `lost` are
    dates that were given up for good, each with its reason. `dates` counts dates by state. `exports` is None where none
    is expected.
    """

    source: str
    began_at: dt.datetime | None = None
    login: Login = Login()
    paused: bool = False
    last_success_at: dt.datetime | None = None
    uploaded_at: dt.datetime | None = None
    verified_at: dt.datetime | None = None
    exports: Exports | None = None
    newest: Mapping[str, dt.datetime] = field(default_factory=dict)
    answered: Mapping[str, dt.datetime] = field(default_factory=dict)
    refusal: str = ""
    devices: tuple[Device, ...] = ()
    budgets: Mapping[str, Left] = field(default_factory=dict)
    outbox: Held | None = None
    dates: Mapping[str, int] | None = None
    backfill_dates: int | None = None
    lost: Mapping[dt.date, str] = field(default_factory=dict)

    @property
    def by_export(self) -> bool:
        """Tell whether its data come by exports alone: nobody is asked for them."""
        return self.source == BY_EXPORT

    @property
    def last_sync_at(self) -> dt.datetime | None:
        """Give when a device synced last; None if none is known."""
        return max((device.last_sync for device in self.devices), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """How everything stands `at` an instant: accounts by name, disks, and what is wrong with what they share.

    `clock_ahead_s` is how far our clock is before each vendor's, as far as one has said. `archive` is the trouble with
    the archive, None if it was there the last time.
    """

    at: dt.datetime
    accounts: Mapping[str, AccountNow]
    disks: tuple[Disk, ...] = ()
    archive: Trouble | None = None
    clock_ahead_s: Mapping[str, float] = field(default_factory=dict)


def account_from(ledger: Ledger, name: str, source: str) -> AccountNow:
    """Begin with what the ledger knows of an account; the caller adds what lies elsewhere. Raises: DamagedFile."""
    marks = ledger.marks.load(name)
    return AccountNow(
        source=source,
        uploaded_at=_newest(marks, Mark.UPLOADED),
        verified_at=_newest(marks, Mark.VERIFIED),
        newest={one.about: one.at for one in marks if one.mark is Mark.SAMPLE},
        answered={one.about: one.at for one in marks if one.mark is Mark.ANSWERED},
        devices=_devices(marks),
    )


def _devices(marks: Iterable[Marked]) -> tuple[Device, ...]:
    """Give the devices that are in use; one that is long behind the newest lies in a drawer, or was sold."""
    found = [Device(name=one.about, last_sync=one.at, battery=one.value) for one in marks if one.mark is Mark.DEVICE]
    newest = max((device.last_sync for device in found), default=None)
    return tuple(device for device in found if newest is not None and newest - device.last_sync <= _IN_USE)


def _newest(marks: Iterable[Marked], mark: Mark) -> dt.datetime | None:
    return max((one.at for one in marks if one.mark is mark), default=None)
