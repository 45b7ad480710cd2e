"""One request to a vendor and its raw answer, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

JSON = "application/json"
TCX = "application/vnd.garmin.tcx+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of the vendor: a path below the base URL, its query, and the type of answer that is wanted.

    With a `body` it is a POST of that JSON, else a GET; both only read.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    accept: str = JSON
    body: Mapping[str, object] | None = None

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
