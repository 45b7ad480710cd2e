"""What an answer of the vendor means for the caller: nothing, or one of our errors."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cromwelld.errors import BadAnswer, CromwelldError, FarSideAway, LoginNeeded, OutOfBudget, Refused, Retired, TooLong
from cromwelld.sources.budget import Told

_OK = 200
_TOO_MANY = 429
_REDIRECTS = range(300, 400)
_SERVER_ERRORS = range(500, 600)
_HOUR_S = 3600
_DAY_S = 86_400
_RESET, _REMAINING, _RETRY_AFTER = "fitbit-rate-limit-reset", "fitbit-rate-limit-remaining", "retry-after"
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{0,39}")  # no digits: a token never passes for one
_LONGEST_BODY = 100_000


@dataclass(frozen=True, slots=True)
class _Rule:
    error: type[CromwelldError]
    message: str
    hint: str = ""


_RULES = {
    400: _Rule(BadAnswer, "the vendor takes the request for wrong"),
    401: _Rule(LoginNeeded, "the vendor does not accept the login any more", "log in again"),
    403: _Rule(
        Refused, "the vendor gives no permission", "grant the scope at the next login; it is asked again tomorrow"
    ),
    404: _Rule(BadAnswer, "the vendor has nothing there"),
    410: _Rule(
        Retired,
        "the vendor has switched this API off",
        "use the Google Health API as source, or import a Google Takeout",
    ),
    422: _Rule(TooLong, "the vendor finds the range too long"),
}
_OTHER = _Rule(BadAnswer, "the vendor answers with a status that is not documented")
_AWAY = _Rule(FarSideAway, "the vendor is away or busy", "nothing to do: it is asked again later")


def judge(status: int, headers: Mapping[str, str], *, body: bytes, now: dt.datetime) -> CromwelldError | None:
    """Decide by status, then body: None if the answer is good, else the error to raise.

    Messages name the status and the vendor's error type, never the vendor's own text: that can hold a token.

    Source: https://dev.fitbit.com/build/reference/web-api/troubleshooting-guide/error-handling
    """
    if status == _OK:
        return None
    label = f"{status} {error_type(body)}".strip()
    if status == _TOO_MANY:
        wait_s = wait_for_quota(headers, now=now)
        return OutOfBudget(f"{label}: the vendor's quota is spent", retry_after_s=wait_s)
    if status in _SERVER_ERRORS or status in _REDIRECTS:
        seconds = seconds_of(headers.get(_RETRY_AFTER))
        return FarSideAway(f"{label}: {_AWAY.message}", hint=_AWAY.hint, retry_after_s=seconds)
    rule = _RULES.get(status, _OTHER)
    return rule.error(f"{label}: {rule.message}", hint=rule.hint)


def error_type(body: bytes) -> str:
    """Find the error's type in either of the shapes that the vendor sends; empty if there is none."""
    try:
        content = json.loads(body[:_LONGEST_BODY])
    except (ValueError, RecursionError):
        return ""
    if not isinstance(content, dict):
        return ""
    errors, error = content.get("errors"), content.get("error")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return _word(errors[0].get("errorType"))
    return _word(error.get("status")) if isinstance(error, dict) else ""


def _word(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def wait_for_quota(headers: Mapping[str, str], *, now: dt.datetime) -> float:
    """Say for how many seconds to wait: what Reset says, else Retry-After, else until the next full hour.

    Source: https://dev.fitbit.com/build/reference/web-api/developer-guide/application-design (rate limits)
    """
    reset_s = seconds_of(headers.get(_RESET))
    if reset_s is not None and reset_s > _DAY_S:  # some gateways send the instant instead
        reset_s -= now.timestamp()
    for seconds in (reset_s, seconds_of(headers.get(_RETRY_AFTER))):
        if seconds is not None and 0 < seconds <= _DAY_S:
            return seconds
    return _HOUR_S - now.timestamp() % _HOUR_S


def told(status: int, headers: Mapping[str, str], now: dt.datetime) -> Told:
    """Read what an answer says of the budget: requests left and the end of the hour; a 429 is the end of it.

    Source: https://dev.fitbit.com/build/reference/web-api/developer-guide/application-design (rate limits)
    """
    left = seconds_of(headers.get(_REMAINING))
    spent = status == _TOO_MANY
    reset_s = wait_for_quota(headers, now=now) if spent or _RESET in headers else None
    return Told(left=None if left is None else int(left), reset_s=reset_s, spent=spent)


def seconds_of(text: str | None) -> float | None:
    """Read a header's number of seconds; nonsense is None."""
    return float(text) if text is not None and re.fullmatch(r"\s*\d{1,12}(\.\d{1,9})?\s*", text) else None
