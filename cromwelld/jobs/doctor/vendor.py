"""The checks that rest on what the vendor said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from cromwelld.config import Account
from cromwelld.errors import BadAnswer, CromwelldError, LoginNeeded, PersonNeeded
from cromwelld.jobs.doctor.case import Case, Unasked
from cromwelld.jobs.doctor.far import Far, Gate
from cromwelld.jobs.doctor.findings import Finding, ill, of_error, skipped, well
from cromwelld.jobs.doctor.replies import Replies
from cromwelld.sources.values import decode, member, obj, text

_MOST_APART = dt.timedelta(minutes=5)
_RIGHT_FIRST = "set that right first, then run cromwelld doctor again"
_SET_CLOCK = "let this machine set its clock by the network: timedatectl set-ntp true"
Look = Callable[[Far, Replies, Case], Finding]


def asked(look: Look) -> Callable[[Case], Finding]:
    """Make a check of one that needs the vendor's replies: without them it is skipped with the reason."""

    def check(case: Case) -> Finding:
        if isinstance(case.replies, Unasked):
            return skipped(case.replies.reason, case.replies.remedy)
        if case.far is None:
            return skipped(f"source {case.account.source!r} asks nobody", "nothing to do")
        return look(case.far, case.replies, case)

    return check


def clock(far: Far, replies: Replies, case: Case) -> Finding:
    """Compare our clock with the vendor's: more than five minutes apart is a problem."""
    del far, case
    if replies.ahead is None:
        return skipped("the vendor did not say what time it is", _RIGHT_FIRST)
    if abs(replies.ahead) <= _MOST_APART:
        return well("right, by the vendor's")
    way = "ahead of" if replies.ahead > dt.timedelta() else "behind"
    return ill(f"this machine's clock is {_rough(replies.ahead)} {way} the vendor's", _SET_CLOCK)


def _rough(apart: dt.timedelta) -> str:
    """Say a length of time in its two largest units."""
    minutes = round(abs(apart).total_seconds() / 60)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in [part for part in parts if part[0]][:2])


def gate(one: Gate) -> Look:
    """Check one gate: it is open if nothing was refused, or if what was refused lies behind it."""

    def look(far: Far, replies: Replies, case: Case) -> Finding:
        err = replies.identity
        if not isinstance(err, CromwelldError):
            return well(one.open_sentence)
        shut = far.shut(err)
        if one is shut:
            return _problem(err, case)
        return well(one.open_sentence) if far.gates.index(one) < far.gates.index(shut) else _behind(shut)

    return look


def _problem(err: CromwelldError, case: Case) -> Finding:
    if not isinstance(err, LoginNeeded):
        return of_error(err)
    if isinstance(case.login, LoginNeeded):
        return skipped("there is no login to ask with", case.log_in)
    return of_error(err, case.log_in)


def _behind(shut: Gate) -> Finding:
    return skipped(f"not known: {shut.name!r} stands in the way", _RIGHT_FIRST)


def scopes(far: Far, replies: Replies, case: Case) -> Finding:
    """Compare what was granted with what the streams need that are asked; say what each missing one costs."""
    del replies
    if isinstance(case.login, LoginNeeded):
        return skipped("there is no login that says what was granted", case.log_in)
    granted = case.login.granted
    if granted is None:
        return skipped("the login does not say what was granted", case.log_in)
    wanted = dict.fromkeys((*far.costs, far.zone_scope))
    costs = {scope: lost for scope in wanted if scope not in granted and (lost := _lost(scope, far, case.account))}
    if not costs:
        return well("granted is what the streams need that are asked")
    told = "; ".join(f"{scope.rpartition('/')[2]} (without it: no {', '.join(lost)})" for scope, lost in costs.items())
    return ill(f"the login does not include {told}", far.tick(list(costs)), code=PersonNeeded.exit_code)


def _lost(scope: str, far: Far, account: Account) -> list[str]:
    """List what an account cannot have without a permission; what is left out is no loss."""
    zone = ["time zone"] if scope == far.zone_scope and account.timezone is None else []
    return [name for name in far.costs.get(scope, ()) if name not in account.leave_out] + zone


def identity(far: Far, replies: Replies, case: Case) -> Finding:
    """See that the vendor says who the person is; who it is stays with the vendor."""
    del case
    if isinstance(replies.identity, CromwelldError):
        return _behind(far.shut(replies.identity))
    if _identified(replies.identity, far.identity_keys):
        return well("the vendor says who the person is (not shown)")
    return of_error(BadAnswer("the answer does not say who the person is"))


def _identified(body: bytes, keys: Sequence[str]) -> bool:
    try:
        found = obj(decode(body))
        for key in keys[:-1]:
            found = obj(member(found, key))
        return bool(text(found, keys[-1]))
    except ValueError:
        return False


def zone(far: Far, replies: Replies, case: Case) -> Finding:
    """See that a time zone is known: the configured one, else the vendor's."""
    if case.account.timezone is not None:
        return well(f"{case.account.timezone}, from the configuration")
    if isinstance(replies.identity, CromwelldError):
        return _behind(far.shut(replies.identity))
    if isinstance(replies.settings, CromwelldError):
        return _problem(replies.settings, case)
    try:
        return well(f"{far.zone(replies.settings)}, from the vendor's settings")
    except CromwelldError as err:
        return of_error(err)
