"""Pages of data points: the list and the token of the next page, cut out without reading the points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from cromwelld.errors import BadAnswer
from cromwelld.sources.values import Object, cut, decode, obj

POINTS, ROLLUPS, DEVICES = "dataPoints", "rollupDataPoints", "pairedDevices"
_NONE = msgspec.Raw(b"[]")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the JSON text of its list, perhaps an empty one, and the token of the next page, "" at the end."""

    records: bytes
    token: str


def page(body: bytes, name: str = POINTS) -> Page:
    """Cut a page: `name` is the member that holds the list; without it there are no records.

    Raises: BadAnswer if the answer is not an object, the list no list, or the token no text.
    """
    members = cut(body)
    records = bytes(members.get(name) or _NONE)
    if records == b"null":
        records = b"[]"
    if not records.startswith(b"["):
        raise BadAnswer(f"the answer's {name} is not a list")
    token = decode(bytes(members.get("nextPageToken") or b'""'))
    if token is not None and not isinstance(token, str):
        raise BadAnswer("the answer's nextPageToken is not a text")
    return Page(records, token or "")


def records(pages: Iterable[bytes], name: str = POINTS) -> Iterator[object]:
    """Read every record of low-rate pages, one by one.

    Raises: BadAnswer as `page`.
    """
    for body in pages:
        found = decode(page(body, name).records)
        if not isinstance(found, list):
            raise BadAnswer(f"the answer's {name} is not a list")
        yield from found


def of_type(pages: Sequence[bytes], key: str) -> list[object]:
    """Give the records that have something under `key`, the type's own name: other types' records are passed over."""
    return [one for one in records(pages) if not isinstance(one, dict) or key in one]


def payload(record: object, key: str) -> Object:
    """Give what stands under the type's own name in a data point.

    Raises: ValueError if it is not an object.
    """
    return obj(obj(record).get(key))
