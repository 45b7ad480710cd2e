"""How one value of config.toml is read: each reader gives a typed value or says what is allowed instead."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import re
import zoneinfo
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from cromwelld.config.model import DAY_S, HOUR_S, Endpoint, Secret

T = TypeVar("T")
Reader = Callable[[object], T]

UNIT_S = {"m": 60, "h": HOUR_S, "d": DAY_S}
SHOWN_CHARACTERS = 60
HIGHEST_PORT = 65535
DURATION = 'a duration such as "36h" or "400d"'
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FROZEN = frozenset({"GLACIER", "DEEP_ARCHIVE"})  # hours to read, and every new answer for a date reads it
WORDS_FOR = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}


class Unsuitable(ValueError):
    """Say in words what was found and what is allowed; never holds a secret."""

    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(f"found {found}; allowed: {allowed}")


def kind(value: object) -> str:
    """Name the sort of a value without showing it."""
    return WORDS_FOR.get(type(value), "a date or time")


def shown(value: object) -> str:
    """Show a value that is no secret, shortened."""
    if not isinstance(value, str):
        return kind(value)
    cut = value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "..."
    return json.dumps(cut, ensure_ascii=False)


def either(words: list[str]) -> str:
    """Join quoted words as a sentence has them: "a", "b" or "c"."""
    quoted = [json.dumps(word) for word in words]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def text(value: object) -> str:
    """Read text that is not empty and prints; it is not shown when it is wrong."""
    if not isinstance(value, str):
        raise Unsuitable(kind(value), "text")
    if not value.strip() or not value.isprintable():
        raise Unsuitable("empty text" if not value.strip() else "text with control characters", "text on one line")
    return value


def texts(value: object) -> tuple[str, ...]:
    """Read a list of texts, perhaps empty."""
    if not isinstance(value, list):
        raise Unsuitable(kind(value), "a list of texts")
    return tuple(text(item) for item in value)


def flag(value: object) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise Unsuitable(shown(value), "true or false")
    return value


def one_of(*words: str) -> Reader[str]:
    """Make the reader of a closed list of words."""

    def read(value: object) -> str:
        if value not in words:
            raise Unsuitable(shown(value), either(list(words)))
        return str(value)

    return read


def folder(value: object) -> Path:
    """Read a full path, or one in the home folder; it need not exist."""
    path = _full_path(value)
    if path is None:
        raise Unsuitable(shown(value), 'a full path such as "/srv/cromwelld/data" or "~/cromwelld/data"')
    return path


def duration(value: object) -> int:
    """Read a duration above zero, in seconds."""
    match = _match(r"([1-9][0-9]{0,5})([mhd])", value)
    if match is None:
        raise Unsuitable(shown(value), DURATION)
    return int(match[1]) * UNIT_S[match[2]]


def duration_or_off(value: object) -> int | None:
    """Read a duration in seconds; None for "off"."""
    if value == "off":
        return None
    try:
        return duration(value)
    except Unsuitable:
        raise Unsuitable(shown(value), f'{DURATION}, or "off"') from None


def clock(value: object) -> dt.time:
    """Read a time of day by the local clock, to the minute."""
    match = _match(r"([01][0-9]|2[0-3]):([0-5][0-9])", value)
    if match is None:
        raise Unsuitable(shown(value), 'a time of day such as "03:00"')
    return dt.time(int(match[1]), int(match[2]))


def day_or_text(value: object) -> dt.date:
    """Read a date as TOML writes it, or in quotes."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError as err:
            raise Unsuitable(shown(value), "a date such as 2019-01-01") from err
    return day(value)


def day(value: object) -> dt.date:
    """Read a date as TOML writes it, without quotes."""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise Unsuitable(shown(value), "a date without quotes such as 2016-01-01")
    return value


def zone(value: object) -> str:
    """Read the name of a time zone that this machine knows."""
    if isinstance(value, str):
        try:
            return zoneinfo.ZoneInfo(value).key
        except (KeyError, ValueError, OSError):
            pass  # the sentence below says it, with the nearest name
    places = sorted(name for name in zoneinfo.available_timezones() if "/" in name)
    near = get_close_matches(str(value), places, n=1, cutoff=0.8)
    raise Unsuitable(shown(value), f"a time zone such as {shown(near[0] if near else 'Europe/Berlin')}")


def zone_or_auto(value: object) -> str | None:
    """Read the name of a time zone; None for "auto"."""
    if value == "auto":
        return None
    try:
        return zone(value)
    except Unsuitable as wrong:
        raise Unsuitable(shown(value), str(wrong).partition("allowed: ")[2] + ', or "auto"') from None


def endpoint(example: str) -> Reader[Endpoint]:
    """Make the reader of host:port, where an IPv6 address stands in brackets."""

    def read(value: object) -> Endpoint:
        match = _match(r"(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+)):([0-9]{1,5})", value)
        if match is None or int(match[3]) > HIGHEST_PORT or not _ipv6(match[1] or "::"):
            raise Unsuitable(shown(value), f"host:port such as {shown(example)}")
        return Endpoint(host=match[1] or match[2], port=int(match[3]))

    return read


def address(value: object) -> str:
    """Read the address of a server by HTTP, without query or password; it may be secret and is not shown."""
    allowed = "an address such as https://gateway.example.org, without user, query or fragment"
    if not isinstance(value, str):
        raise Unsuitable(kind(value), allowed)
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise Unsuitable("text that is no address", allowed) from None
    if not sound or parts.username is not None or parts.query or parts.fragment or not re.fullmatch(r"[!-~]+", value):
        raise Unsuitable("text that is no address", allowed)
    return value.rstrip("/")


def secret(value: object) -> Secret:
    """Read where a secret lies; what stands there may be the secret itself by mistake and is not shown."""
    allowed = 'the full path of a file that holds the secret, or "credential:NAME"'
    if not isinstance(value, str):
        raise Unsuitable(kind(value), allowed)
    if match := re.fullmatch(r"credential:([A-Za-z0-9_.-]+)", value):
        return Secret(credential=match[1])
    path = _full_path(value)
    if path is None:
        raise Unsuitable("text that is no full path", allowed)
    return Secret(path=path)


def prefix(value: object) -> str:
    """Read a place in the archive: names with a slash between them."""
    parts = value.split("/") if isinstance(value, str) else [""]
    if not all(re.fullmatch(r"[\w.+= -]+", part) and part.strip(". ") for part in parts):
        raise Unsuitable(shown(value), 'names with a slash between them such as "cromwell/fitbit"')
    return "/".join(parts)


def bucket(value: object) -> str:
    """Read the name of a bucket, or the alias of an access point."""
    if _match(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]", value) is None:
        raise Unsuitable(shown(value), 'the name of a bucket such as "my-health", without s3:// and slashes')
    return str(value)


def storage_class(value: object) -> str:
    """Read a storage class: any word of that sort, since servers have their own, but those that must thaw first."""
    if _match(r"[A-Z0-9_-]{1,60}", value) is None or value in FROZEN:
        allowed = 'a class from which objects can be read at once such as "STANDARD_IA"'
        raise Unsuitable(shown(value), allowed)
    return str(value)


def hosts(value: object) -> tuple[str, ...]:
    """Read at least one name or address of this machine, as requests name it: without scheme and port."""
    found = value if isinstance(value, list) else []
    wrong = [item for item in found if _match(r"[\w.-]{1,253}", item) is None and not _ipv6(str(item))]
    if not found or wrong:
        allowed = 'a list of names or addresses without scheme and port such as ["localhost", "keeper.home.example"]'
        raise Unsuitable(shown(wrong[0]) if wrong else "a list without names" if value == [] else kind(value), allowed)
    return tuple(str(item) for item in found)


def mailboxes(value: object) -> tuple[str, ...]:
    """Read at least one mail address; none of them is shown."""
    found = value if isinstance(value, list) else []
    if not found or not all(isinstance(item, str) and re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", item) for item in found):
        raise Unsuitable(f"{kind(value)} that does not fit", 'a list of mail addresses such as ["you@example.org"]')
    return tuple(str(item) for item in found)


def _match(pattern: str, value: object) -> re.Match[str] | None:
    return re.fullmatch(pattern, value, re.ASCII) if isinstance(value, str) else None


def _full_path(value: object) -> Path | None:
    try:
        path = Path(value).expanduser() if isinstance(value, str) and value.isprintable() else Path()
    except RuntimeError:  # the home of a user who does not exist
        return None
    return path if path.is_absolute() else None


def _ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True
