"""The methods that give data points: list, reconcile, get, and the TCX file of an exercise."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cromwelld.simulator.google_health import envelopes
from cromwelld.simulator.google_health.asking import Ask, family, page_size
from cromwelld.simulator.google_health.datatypes import ACTIVITY, LOCATION, DataType
from cromwelld.simulator.google_health.filters import Filter, parse
from cromwelld.simulator.google_health.merging import merged
from cromwelld.simulator.google_health.paging import page as cut
from cromwelld.simulator.google_health.paging import place, question
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.refusals import Refusal, not_offered
from cromwelld.simulator.google_health.times import seconds_at

QUERY = frozenset({"filter", "pageSize", "pageToken", "dataSourceFamily"})
NOTHING: frozenset[str] = frozenset()
# a copy that is to be dropped may begin on the date before the one that covers it
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Hold a file that is sent as it is."""

    content_type: str
    text: str


def list_points(ask: Ask) -> dict[str, Any]:
    """Give every source's raw points, newest first. Raises: Refusal."""
    kind = ask.kind("list")
    ask.check_query(QUERY)
    if "dataSourceFamily" in ask.query and not kind.family_on_list:
        raise Refusal(400)
    wanted = parse(ask.query.get("filter"), kind, refused=ask.options.refused_filters)
    points = _known(ask, kind, wanted)
    found = newest_first([point for point in points if wanted.keeps(point)])
    user = _user(ask)
    return _paged(ask, kind, found, lambda point: envelopes.listed(point, kind, user=user))


def reconcile_points(ask: Ask) -> dict[str, Any]:
    """Give one merged stream of points, newest first unless it is shuffled. Raises: Refusal."""
    kind = ask.kind("reconcile")
    ask.check_query(QUERY)
    wanted = parse(ask.query.get("filter"), kind, refused=ask.options.refused_filters)
    points = merged(_known(ask, kind, wanted), kind)
    found = newest_first([point for point in points if wanted.keeps(point)])
    if ask.options.reconcile_order == "shuffled":
        random.Random(question(ask.path, ask.query)).shuffle(found)
    user = _user(ask)
    return _paged(ask, kind, found, lambda point: envelopes.reconciled(point, kind, user=user))


def get_point(ask: Ask) -> dict[str, Any]:
    """Give one point by its id. Raises: Refusal."""
    kind = ask.kind("get")
    ask.check_query(NOTHING)
    for point in ask.records.points(kind.path, *ask.records.span()):
        if point.id is not None and point.id == ask.named["id"]:
            return envelopes.listed(point, kind, user=_user(ask))
    raise Refusal(404)


def export_tcx(ask: Ask) -> dict[str, Any] | Media:
    """Give the route of an exercise: the file itself with `alt=media`, or the file in JSON. Raises: Refusal."""
    ask.check_query(frozenset({"partialData"}), alts=frozenset({"json", "media"}))
    ask.check_scopes(ACTIVITY, LOCATION)
    if ask.named["type"] != "exercise":
        raise not_offered("ExportExerciseTcx", ask.named["type"])
    text = ask.records.tcx(ask.named["id"])
    if text is None:
        raise Refusal(404)
    if ask.query.get("alt") == "media":
        return Media(content_type="application/vnd.garmin.tcx+xml", text=text)
    return {"tcxData": text}


def newest_first(points: Sequence[Point]) -> list[Point]:
    """Sort by the start, or by the date."""
    return sorted(points, key=lambda point: point.start if point.day is None else seconds_at(point.day), reverse=True)


def _known(ask: Ask, kind: DataType, wanted: Filter) -> list[Point]:
    """Ask for the points of the dates that a filter means, and keep those of the family."""
    keeps = family(ask.query.get("dataSourceFamily"))
    first, last = wanted.days(ask.records.span())
    if first > last:
        return []
    margin = ONE_DAY if kind.record in {"interval", "session"} else timedelta(0)
    return [point for point in ask.records.points(kind.path, first - margin, last + margin) if keeps(point)]


def _paged(
    ask: Ask, kind: DataType, points: Sequence[Point], write: Callable[[Point], dict[str, Any]]
) -> dict[str, Any]:
    """Write one page; an answer without points has no key for them."""
    most = min(kind.page, ask.options.most_points) if kind.path == "heart-rate" else kind.page
    size = page_size(ask.query.get("pageSize"), default=min(kind.default_page, most), most=most)
    at = place(ask.query.get("pageToken"), question(ask.path, ask.query))
    page = cut(at, size=size, total=len(points), oddities=ask.options.pages(ask.path))
    return enclosed("dataPoints", [write(point) for point in points[page.first : page.end]], page.next_token, ask)


def enclosed(key: str, items: list[dict[str, Any]], next_token: str | None, ask: Ask) -> dict[str, Any]:
    """Write a list and the token for the next page, each only where there is one."""
    body: dict[str, Any] = {key: items} if items else {}
    if next_token is not None or ask.options.last_page == "empty_token":
        body["nextPageToken"] = next_token or ""
    return body


def _user(ask: Ask) -> str:
    return str(ask.records.identity().get("healthUserId", "me"))
