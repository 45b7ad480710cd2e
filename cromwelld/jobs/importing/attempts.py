"""What became of exports that were imported without a person, so that none is tried for ever."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cromwelld.disk import write_bytes
from cromwelld.errors import DamagedFile

MOST_TRIES = 20
_FIRST, _LONGEST = dt.timedelta(minutes=5), dt.timedelta(hours=6)
_ENDED_EACH_TIME = "the process ended each time before it was done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One export that is not wholly in: its files by name and by identity, and by which settings it was read.

    `again_at` (UTC) is when it is tried again, None once a person must see to it; `reason` is why it is not in.
    """

    names: tuple[str, ...]
    parts: tuple[str, ...]
    settings: str
    tries: int = 0
    again_at: dt.datetime | None = None
    reason: str = ""

    def begun(self, now: dt.datetime) -> Attempt:
        """Count a try before it is made: one that ends the process counts, too."""
        tries = self.tries + 1
        again_at = now + _rest(tries - 1) if tries < MOST_TRIES else None
        return replace(
            self, tries=tries, again_at=again_at, reason=self.reason or (_ENDED_EACH_TIME if self.tries else "")
        )

    def interrupted(self, now: dt.datetime) -> Attempt:
        """Take a try back that was stopped on purpose."""
        return replace(self, tries=self.tries - 1, again_at=now)

    def failed(self, reason: str, now: dt.datetime, *, lasting: bool) -> Attempt:
        """Note why it is not in: what does not pass by itself is not tried again."""
        over = lasting or self.tries >= MOST_TRIES
        return replace(self, reason=reason, again_at=None if over else now + _rest(self.tries))


def _rest(tries: int) -> dt.timedelta:
    """Say how long to wait after so many tries; a try that ended the process is repeated once at once."""
    return min(_LONGEST, _FIRST * 2 ** (tries - 1)) if tries else dt.timedelta()


def attempts_file(state: Path, account: str) -> Path:
    """Say where it is kept which exports of an account are not wholly in."""
    return state / "imports" / f"{account}.attempts.json"


def load(path: Path) -> list[Attempt]:
    """Read what was tried; nothing if there is no such file.

    Raises: DamagedFile.
    """
    try:
        return [_attempt(one) for one in json.loads(path.read_text("utf-8"))]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, OSError) as err:
        hint = "delete it; what lies in import_from is then looked at anew"
        raise DamagedFile(f"the list of exports that were tried, {path}, cannot be read", hint=hint) from err


def _attempt(told: dict[str, object]) -> Attempt:
    again_at = told["again_at"]
    return Attempt(
        names=tuple(map(str, _listed(told["names"]))),
        parts=tuple(map(str, _listed(told["parts"]))),
        settings=str(told["settings"]),
        tries=int(str(told["tries"])),
        again_at=None if again_at is None else dt.datetime.fromisoformat(str(again_at)),
        reason=str(told["reason"]),
    )


def _listed(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise TypeError
    return value


def save(path: Path, attempts: Sequence[Attempt]) -> None:
    """Keep these and no others.

    Raises: NotWritable.
    """
    told = [asdict(one) for one in attempts]
    write_bytes(path, json.dumps(told, default=lambda value: value.isoformat(), indent=1).encode(), mode=0o600)


def lying(attempts: Sequence[Attempt], names: Collection[str]) -> list[Attempt]:
    """Give those whose files still lie in the folder: what a person took away is no trouble any more."""
    return [one for one in attempts if set(one.names) <= set(names)]


def found(attempts: Sequence[Attempt], parts: tuple[str, ...], settings: str) -> Attempt | None:
    """Give what is known of just this export, read by these settings."""
    return next((one for one in attempts if (one.parts, one.settings) == (parts, settings)), None)


def replaced(attempts: Sequence[Attempt], one: Attempt) -> list[Attempt]:
    """Put one in the place of what was known of the same files."""
    return [*gone(attempts, one), one]


def gone(attempts: Sequence[Attempt], one: Attempt) -> list[Attempt]:
    """Leave out what is known of the files of one."""
    return [other for other in attempts if not set(other.names) & set(one.names)]
