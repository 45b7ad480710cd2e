"""Pages and their tokens."""

from __future__ import annotations

import pytest

from cromwelld.simulator.google_health.options import Paging
from cromwelld.simulator.google_health.paging import page, place, question
from cromwelld.simulator.google_health.refusals import Refusal

MOST_PAGES = 8


def walk(total: int, size: int, oddities: Paging | None = None) -> list[tuple[int, int]]:
    """Follow the tokens, up to a limit."""
    found, token = [], None
    for _ in range(MOST_PAGES):
        one = page(place(token, "asked"), size=size, total=total, oddities=oddities or Paging())
        found.append((one.first, one.end))
        token = one.next_token
        if token is None:
            break
    return found


def test_pages_follow_each_other() -> None:
    assert walk(5, 2) == [(0, 2), (2, 4), (4, 5)]
    assert walk(4, 2) == [(0, 2), (2, 4)]
    assert walk(0, 2) == [(0, 0)]


def test_an_empty_page_carries_a_token_and_loses_nothing() -> None:
    assert walk(5, 2, Paging(empty=frozenset({1, 3}))) == [(0, 0), (0, 2), (2, 2), (2, 4), (4, 5)]


def test_a_short_page_loses_nothing() -> None:
    assert walk(5, 2, Paging(short=frozenset({2}))) == [(0, 2), (2, 3), (3, 5)]


def test_a_repeating_page_never_ends() -> None:
    assert walk(5, 2, Paging(repeating=frozenset({2}))) == [(0, 2)] + [(2, 4)] * (MOST_PAGES - 1)


def test_a_token_holds_for_its_question_only() -> None:
    token = page(place(None, "asked"), size=1, total=2, oddities=Paging()).next_token
    assert place(token, "asked").offset == 1
    for forged, about in ((token, "other"), ("nonsense", "asked"), ("W10=", "asked")):
        with pytest.raises(Refusal) as refused:
            place(forged, about)
        assert refused.value.status == 400


def test_a_question_is_everything_but_the_token() -> None:
    assert question("/a", {"filter": "x"}) == question("/a", {"filter": "x", "pageToken": "t"})
    assert question("/a", {"filter": "x"}) != question("/a", {"filter": "y"})
    assert question("/a", {}) != question("/b", {})
