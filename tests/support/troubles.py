"""The troubles of a household: what is done so that each alert fires, and what mends it.

What takes days in a life is not waited for. In its place stands what the daemon itself reads: the end of the last run
that was done (in the ledger), and the end of a login (in its file).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cromwelld.simulator.faults import KINDS, Fault, FaultPlan
from cromwelld.simulator.fitbit_web.options import Failure
from cromwelld.simulator.oauth import Rules
from tests.support.logging_in import Far
from tests.support.troubled import ROOM, Household

ACCOUNTS = ("stale", "patchy", "throttled", "away")
_MEGABYTE = 10**6
_SILENCE_S = 10
_FOR_EVER = 100  # attempts
_TWO_DAYS_AND_MORE = dt.timedelta(hours=51)


def fars() -> dict[str, Far]:
    """Make the vendors at which people log in; a login at the second one ends after seven days."""
    return {"revoked": Far("fitbit_web"), "ends": Far("google_health", rules=Rules(testing=True))}


def days_ago(count: int) -> dt.date:
    """Give a date; the invented person's is never far from it."""
    return dt.datetime.now(dt.UTC).date() - dt.timedelta(days=count)


@dataclass(frozen=True)
class Trouble:
    """One alert and its labels; `make` is done while no daemon runs, `wanted` is collected then, `mend` is the end."""

    alert: str
    labels: Mapping[str, str]
    make: Callable[[Household], None]
    mend: Callable[[Household], None]
    wanted: str = ""


def heartless(home: Household) -> None:
    """Let the vendor have no heart rate of the last days, although the watch syncs."""
    lately = [str(days_ago(count)) for count in range(-1, 3)]
    late = (KINDS["late"],) * _FOR_EVER
    home.change(
        "stale",
        faults=FaultPlan(lambda asked: late if "/heart/" in asked.path and asked.path.split("/")[7] in lately else ()),
    )


def _throttle(home: Household) -> None:
    """Let the vendor say that the hour's requests are spent, and that the hour is over in some seconds."""
    spent = Fault(name="429 for a while", status=429, headers={"Fitbit-Rate-Limit-Reset": str(_SILENCE_S)})
    home.change("throttled", faults=FaultPlan(lambda _: (spent,) * _FOR_EVER))


def _go_away(home: Household) -> None:
    home.age_successes("away", _TWO_DAYS_AND_MORE)
    home.change("away", failing={"/": Failure(status=503)})


def _revoke(home: Household) -> None:
    home.age_successes("revoked", _TWO_DAYS_AND_MORE)
    home.fars["revoked"].logins.withdraw()


def _fill(home: Household) -> None:
    with (home.data("away") / "ballast").open("wb") as ballast:
        for _ in range(ROOM // _MEGABYTE):
            ballast.write(bytes(_MEGABYTE))


def _skew(home: Household, minutes: int) -> None:
    home.fars["ends"].ahead = dt.timedelta(minutes=minutes)


TROUBLES = (
    Trouble(
        "CromwelldClockWrong",
        {"source": "google_health"},
        lambda home: _skew(home, -10),
        lambda home: _skew(home, 0),
        "ends yesterday",
    ),
    Trouble(
        "CromwelldLoginEnds",
        {"account": "ends"},
        lambda home: home.age_login("ends", dt.timedelta(hours=40)),
        lambda home: home.log_in("ends"),
    ),
    Trouble(
        "CromwelldLoginNeeded",
        {"account": "revoked"},
        _revoke,
        lambda home: home.log_in("revoked"),
        "revoked yesterday",
    ),
    Trouble(
        "CromwelldStale",
        {"account": "stale"},
        lambda _: None,  # it has had no heart rate from the beginning, and now gets some that is old
        lambda home: home.change("stale", faults=None),
        f"stale {days_ago(3)}",
    ),
    Trouble(
        "CromwelldDayFailed",
        {"account": "patchy", "state": "incomplete"},
        lambda home: home.change("patchy", failing={"/1/user/-/hrv": Failure(status=403)}),
        lambda home: home.accept("patchy", days_ago(5)),
        f"patchy {days_ago(5)}",
    ),
    Trouble(
        "CromwelldBudgetSpent",
        {"account": "throttled"},
        _throttle,
        lambda home: home.change("throttled", faults=None),
        "throttled yesterday",
    ),
    Trouble(
        "CromwelldNoDailyRun",
        {"account": "away"},
        _go_away,
        lambda home: home.change("away", failing={}),
        "away yesterday",
    ),
    Trouble(
        "CromwelldDiskFull",
        {"folder": "accounts.away.data_dir"},
        _fill,
        lambda home: (home.data("away") / "ballast").unlink(),
    ),
)
