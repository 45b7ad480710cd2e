"""What an answer of the Google Health API means for the caller: nothing, or one of our errors."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cromwelld.errors import (
    BadAnswer,
    CromwelldError,
    FarSideAway,
    LoginNeeded,
    OutOfBudget,
    PersonNeeded,
    Refused,
    Retired,
    Unsupported,
    WrongRequest,
)
from cromwelld.sources.budget import Told
from cromwelld.sources.verdict import seconds_of

NOT_FOUND = "NOT_FOUND"
NOT_SUPPORTED = "NOT_SUPPORTED"
_SAYS_NOT_SUPPORTED = "is not supported for data type"  # it comes without a reason of its own
_OK, _BAD_REQUEST, _NOT_THERE, _TIMEOUT, _TOO_MANY = 200, 400, 404, 408, 429
_WRONG = frozenset({_BAD_REQUEST, _NOT_THERE})
_AWAY = range(500, 600)
_REDIRECTS = range(300, 400)
_MINUTE_S, _LONGEST_WAIT_S = 60.0, 3600.0
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{0,79}")  # no digits: neither a token nor an id passes for one
_NUMBER = re.compile(r"[0-9]{1,4}")
_LONGEST_BODY = 100_000
_ANY = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    error: type[CromwelldError]
    message: str
    hint: str = ""


_TICK = "log in again and tick every box on Google's page"
_SCOPE = _Rule(Refused, "the login does not include the permission for this", _TICK)
_LOGIN = _Rule(LoginNeeded, "Google does not accept the login any more", "log in again")
_UNSUPPORTED = _Rule(
    Unsupported, "Google has no such data for this account", "leave the stream out, or update cromwelld"
)

# By status and the vendor's own reason; _ANY is for every other reason of that status.
_RULES: Mapping[tuple[int, str], _Rule] = {
    (400, "ACCOUNT_NOT_LINKED"): _Rule(
        PersonNeeded,
        "this Google account has no Google Health profile",
        "open the Google Health app, sign in with this account and finish the set-up; or log in with the right account",
    ),
    (400, "INVALID_PARENT_DATA_TYPE_COLLECTION"): _UNSUPPORTED,
    (400, NOT_SUPPORTED): _UNSUPPORTED,
    (401, _ANY): _LOGIN,
    (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"): _SCOPE,
    (403, "MISSING_OAUTH_SCOPE"): _SCOPE,
    (403, "insufficient_scope"): _SCOPE,
    (403, "SERVICE_DISABLED"): _Rule(
        PersonNeeded,
        "the Google Health API is not enabled in your Google Cloud project",
        "enable it at https://console.cloud.google.com/apis/library/health.googleapis.com and wait some minutes",
    ),
    (403, "USER_PROJECT_DENIED"): _Rule(
        Refused,
        "Google does not let this project read this person's data",
        "check that the login was made with a client of your own Google Cloud project",
    ),
    (403, _ANY): _Rule(
        Refused,
        "Google gives no permission",
        "if every stream says so, move the old Fitbit account to Google in the Google Health app; else it is asked "
        "again tomorrow",
    ),
    (410, _ANY): _Rule(
        Retired,
        "Google has switched this API off",
        "update cromwelld; what was collected is kept",
    ),
    (412, _ANY): _Rule(
        Refused,
        "the profile is not set up yet",
        "finish the set-up in the Google Health app; it is asked again tomorrow",
    ),
}
_OTHER = _Rule(BadAnswer, "Google answers with a status that is not documented")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What an error body says, as far as it may be repeated: its status word, the reason, and plain details."""

    status: str = ""
    reason: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


def judge(status: int, headers: Mapping[str, str], *, body: bytes, now: dt.datetime) -> CromwelldError | None:
    """Decide by status, then reason: None if the answer is good, else the error to raise.

    Messages name the status and the vendor's codes, never the vendor's own text: that can echo values.

    Source: https://developers.google.com/health/reference/rest/v4/errors, .../health/rate-limits
    """
    del now
    if status == _OK:
        return None
    said = _said(headers, body)
    label = " ".join(filter(None, (str(status), said.status, said.reason)))
    if status == _TOO_MANY:
        wait_s = _clamped(seconds_of(headers.get("retry-after")))
        return OutOfBudget(f"{label}: Google's quota for this minute is spent", retry_after_s=wait_s)
    if status in _AWAY or status in _REDIRECTS or status == _TIMEOUT:
        hint = "nothing to do: it is asked again later"
        wait = seconds_of(headers.get("retry-after"))
        return FarSideAway(f"{label}: Google is away or busy", hint=hint, retry_after_s=wait)
    rule = _RULES.get((status, said.reason)) or _RULES.get((status, _ANY))
    if rule is None and status in _WRONG:
        return _wrong(status, label, said, headers)
    rule = rule or _OTHER
    return rule.error(f"{label}: {rule.message}", hint=rule.hint)


def told(status: int, headers: Mapping[str, str], now: dt.datetime) -> Told:
    """Read what an answer says of the budget: only a 429 says anything.

    Source: https://developers.google.com/health/rate-limits
    """
    del now
    if status != _TOO_MANY:
        return Told()
    return Told(spent=True, reset_s=_clamped(seconds_of(headers.get("retry-after"))))


def _wrong(status: int, label: str, said: _Said, headers: Mapping[str, str]) -> CromwelldError:
    """Tell a request that the API takes for wrong from an address that is not the API's at all."""
    if status == _NOT_THERE and not _is_json(headers):
        return BadAnswer(f"{label}: there is no such address (a web page came back)", hint="check base_url")
    reason = NOT_FOUND if status == _NOT_THERE else said.reason
    message = "there is nothing there" if status == _NOT_THERE else "Google takes the request for wrong"
    return WrongRequest(f"{label}: {message}", reason=reason, details=said.details)


def _clamped(wait_s: float | None) -> float:
    """Give the wait for a spent quota: a minute, unless something sensible was said."""
    return wait_s if wait_s is not None and 0 < wait_s <= _LONGEST_WAIT_S else _MINUTE_S


def _is_json(headers: Mapping[str, str]) -> bool:
    return "json" in headers.get("content-type", "").lower()


def _said(headers: Mapping[str, str], body: bytes) -> _Said:
    """Read an error body in either of its shapes; a web page is never given to the JSON parser."""
    if not _is_json(headers):
        return _Said()
    try:
        content = json.loads(body[:_LONGEST_BODY])
    except (ValueError, RecursionError):
        return _Said()
    error = content.get("error") if isinstance(content, dict) else None
    if isinstance(error, str):  # the form of the OAuth server
        return _Said(reason=_word(error))
    if not isinstance(error, dict):
        return _Said()
    reason, details = _info(error.get("details"))
    if not reason and _SAYS_NOT_SUPPORTED in str(error.get("message")):
        reason = NOT_SUPPORTED
    return _Said(status=_word(error.get("status")), reason=reason, details=details)


def _info(details: object) -> tuple[str, dict[str, str]]:
    """Find the reason and its numbers among an error's details."""
    for one in details if isinstance(details, list) else []:
        reason = _word(one.get("reason")) if isinstance(one, dict) else ""
        if reason:
            metadata = one.get("metadata")
            numbers = metadata.items() if isinstance(metadata, dict) else ()
            return reason, {name: text for name, text in numbers if isinstance(text, str) and _NUMBER.fullmatch(text)}
    return "", {}


def _word(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""
