"""One request to a vendor and its raw answer, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of the vendor: a path below the base URL, its query, and the type of answer that is wanted."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    accept: str = JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class RawAnswer:
    """What came back, before anything was made of it; names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    status: int
    headers: Mapping[str, str]
    body: bytes
