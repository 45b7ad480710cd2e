"""Single values out of decoded JSON: each reader gives the value, None where it is absent, or ValueError."""

from __future__ import annotations

import datetime as dt
import json

import msgspec

from cromwelld import localtime
from cromwelld.errors import BadAnswer
from cromwelld.jsoncolumns import number

Object = dict[str, object]

FIRST_YEAR, LAST_YEAR = 2009, 2100
_BOM = b"\xef\xbb\xbf"
_LONGEST_TEXT = 200
_LARGEST = 1e15


def decode(body: bytes) -> object:
    """Decode a JSON body; what msgspec finds out of range goes through Python's own reader.

    Raises: BadAnswer if it is not JSON.
    """
    text = body.removeprefix(_BOM)
    try:
        return msgspec.json.decode(text)
    except RecursionError as err:
        raise BadAnswer("the answer is nested too deeply") from err
    except ValueError:
        return _decode_slowly(text)


def _decode_slowly(text: bytes) -> object:
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise BadAnswer("the answer is not JSON") from err
    return content


def cut(body: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Cut a JSON object into its members without reading them.

    Raises: BadAnswer if it is not an object.
    """
    text = body.removeprefix(_BOM) if isinstance(body, bytes) else body
    try:
        return msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except RecursionError as err:
        raise BadAnswer("the answer is nested too deeply") from err
    except ValueError as err:
        content = _decode_slowly(bytes(text))
        if not isinstance(content, dict):
            raise BadAnswer("the answer is not a JSON object") from err
        return {name: msgspec.Raw(json.dumps(value).encode()) for name, value in content.items()}


def elements(body: bytes, *names: str) -> list[object]:
    """Give the list of records that stands under the first of `names` in the body.

    Raises: BadAnswer if none of them is there, or what is there is no list.
    """
    content = decode(body)
    found = [content[name] for name in names if name in content] if isinstance(content, dict) else []
    if not found:
        raise BadAnswer(f"the answer has no {names[0]}")
    if not isinstance(found[0], list):
        raise BadAnswer(f"the answer's {names[0]} is not a list")
    return found[0]


def obj(value: object) -> Object:
    """Take a record for what it should be: an object."""
    if isinstance(value, dict):
        return value
    raise ValueError("not an object")


def member(value: Object, name: str) -> Object:
    """Give a member that is an object; an absent one is an empty object."""
    found = value.get(name)
    return {} if found is None else obj(found)


def items(value: Object, name: str) -> list[object]:
    """Give a member that is a list; an absent one is an empty list."""
    found = value.get(name)
    if found is None:
        return []
    if isinstance(found, list):
        return found
    raise ValueError(f"{name} is not a list")


def text(value: Object, name: str) -> str | None:
    """Read a member that is text; empty text is absent."""
    found = value.get(name)
    if found is None or found == "":
        return None
    if isinstance(found, str) and len(found) <= _LONGEST_TEXT and _writable(found):
        return found
    raise ValueError(f"{name} is not a text")


def _writable(found: str) -> bool:
    """Tell whether a text can be stored: JSON can hold halves of characters."""
    return not any("\ud800" <= character <= "\udfff" for character in found)


def amount(value: Object, name: str, *, above: float | None = None) -> float | None:
    """Read a member that is a number or a number as text; one that is not above `above` is a sentinel, so absent."""
    found = finite(value.get(name))
    return None if found is None or (above is not None and found <= above) else found


def finite(value: object) -> float | None:
    """Read a number of a size that can be calculated with."""
    found = number(value)
    if found is not None and abs(found) > _LARGEST:
        raise ValueError("a number beyond what can be")
    return found


def count(value: Object, name: str) -> float | None:
    """Read a number that cannot be negative; the vendor's -1 means that there is none."""
    found = finite(value.get(name))
    return None if found is None or found < 0 else found


def flag(value: Object, name: str) -> str | None:
    """Read a truth value as the text that tags hold: True or False."""
    found = value.get(name)
    if found is None or isinstance(found, bool):
        return None if found is None else str(found)
    raise ValueError(f"{name} is not a truth value")


def date(value: Object, name: str) -> dt.date:
    """Read a date; the vendor sometimes sends it with a time behind it."""
    found = value.get(name)
    if not isinstance(found, str):
        raise ValueError(f"no {name}")
    try:
        return dt.date.fromisoformat(found[:10])
    except ValueError as err:
        raise ValueError(f"{name} is not a date") from err


def moment(value: Object, name: str) -> dt.datetime:
    """Read a date with a time, with or without an offset, as it was sent."""
    found = value.get(name)
    if not isinstance(found, str):
        raise ValueError(f"no {name}")
    try:
        return dt.datetime.fromisoformat(found)
    except ValueError as err:
        raise ValueError(f"{name} is not a time") from err


def instant(when: dt.datetime, zone: str) -> dt.datetime:
    """Turn a time as sent into UTC, by its own offset, else by `zone`.

    Raises: ValueError if its year cannot be.
    """
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise ValueError("a time outside the years that can be")
    return localtime.to_utc(when, zone) if when.tzinfo is None else when.astimezone(dt.UTC)
