"""Cutting an answer into pages, with tokens that hold for the same question only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cromwelld.simulator.google_health.options import Paging
from cromwelld.simulator.google_health.refusals import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Hold where a page begins: how many items come before it, its number from 1, and the token that asked for it."""

    question: str
    offset: int = 0
    number: int = 1
    token: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Hold which items are on a page, the end not included, and the token for the next page."""

    first: int
    end: int
    next_token: str | None


def question(path: str, asked: Mapping[str, object]) -> str:
    """Name a question by everything that was asked but the token."""
    same = {name: value for name, value in asked.items() if name != "pageToken"}
    return hashlib.sha256(json.dumps([path, same], sort_keys=True).encode()).hexdigest()[:16]


def place(token: str | None, about: str) -> Place:
    """Read a token, none for the first page. Raises: Refusal: 400 where it was given for another question."""
    if not token:
        return Place(question=about)
    try:
        offset, number, given_for = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError, TypeError) as err:
        raise Refusal(400) from err
    if given_for != about:
        raise Refusal(400)
    return Place(question=about, offset=int(offset), number=int(number), token=token)


def page(at: Place, *, size: int, total: int, oddities: Paging) -> Page:
    """Cut the page at a place out of so many items."""
    if at.number in oddities.short:
        size = max(1, size // 2)
    end = at.offset if at.number in oddities.empty else min(at.offset + size, total)
    token = _token(end, at) if end < total or at.number in oddities.empty else None
    if at.number in oddities.repeating:
        token = at.token or _token(end, at)
    return Page(first=at.offset, end=end, next_token=token)


def _token(offset: int, at: Place) -> str:
    return base64.urlsafe_b64encode(json.dumps([offset, at.number + 1, at.question]).encode()).decode()
