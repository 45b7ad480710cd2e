"""How everything stands, on one page: from the ledger and the outbox, with or without a daemon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from cromwelld.jobs.days import DateState, days
from cromwelld.jobs.importing.standing import Exports
from cromwelld.outbox import Held, Outbox
from cromwelld.state import Ledger, Obstacle, Run

SHOWN_DATES = 14
_SHOWN_RUNS = 5
_RESUMED = "until it is resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOverview:
    """One account: its login in a word, what waits, the newest dates (oldest first), the newest runs (newest first).

    `paused` says until when nothing is collected, "" if it is. `exports` is None where none is expected.
    """

    name: str
    source: str
    login: str
    paused: str = ""
    newest_stored: dt.date | None
    waiting: Held | None
    days: tuple[DateState, ...]
    runs: tuple[Run, ...]
    exports: Exports | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything: `work` is what the daemon does just now, `running_since` None without one; times are UTC."""

    version: str
    at: dt.datetime
    running_since: dt.datetime | None = None
    work: str = ""
    accounts: tuple[AccountOverview, ...] = field(default=())


def account_overview(
    ledger: Ledger, outbox: Outbox, name: str, *, about: tuple[str, str], today: dt.date
) -> AccountOverview:
    """Look at one account; `about` is its source and the word for its login. Raises: DamagedFile."""
    source, login = about
    standings = ledger.standings.of(name)
    pause = standings.get(Obstacle.PAUSED)
    stored = [date for date, kept in ledger.dates(name).items() if kept.digest]
    return AccountOverview(
        name=name,
        source=source,
        login="needed" if Obstacle.LOGIN in standings else login,
        paused="" if pause is None else f"until {pause.until:%Y-%m-%d %H:%M} UTC" if pause.until else _RESUMED,
        newest_stored=max(stored, default=None),
        waiting=outbox.held(),
        days=tuple(_newest(days(ledger, name, today - dt.timedelta(days=SHOWN_DATES - 1), today))),
        runs=tuple(ledger.runs.newest(_SHOWN_RUNS, account=name)),
    )


def _newest(found: Sequence[DateState]) -> Sequence[DateState]:
    """Leave out today as long as nothing is known of it."""
    return found[:-1] if found and not found[-1].streams else found
