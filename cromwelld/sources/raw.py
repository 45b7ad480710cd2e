"""One request to a vendor and its raw answer, as values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

JSON = "application/json"
TCX = "application/vnd.garmin.tcx+xml"
ACCOUNT, LOGIN = "account", "login"  # what is asked for without being a stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of the vendor: a path below the base URL, its query, and the type of answer that is wanted.

    With a `body` it is a POST of that JSON, else a GET; both only read. `stream` is what it is sent for, for those who
    count: ACCOUNT for the person's settings and identity.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    accept: str = JSON
    body: Mapping[str, object] | None = None
    stream: str = ACCOUNT

    @property
    def method(self) -> str:
        """Name the HTTP method."""
        return "GET" if self.body is None else "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What came back, before anything was made of it; names of headers are in lower case."""

    request: Request
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def sent_at(self) -> dt.datetime | None:
        """Read the vendor's clock from the Date header; nonsense, or one without a zone, is None."""
        try:
            sent = parsedate_to_datetime(self.headers.get("date", ""))
        except ValueError:
            return None
        return sent if sent.tzinfo is not None else None
