"""Every route: method, path, who answers."""

from __future__ import annotations

from collections.abc import Sequence

from cromwelld.web import logins, page, probes, runs, tending
from cromwelld.web.call import Route
from cromwelld.web.problems import Problem
from cromwelld.web.protocol import Probe

ROUTES: tuple[Route, ...] = (
    *(Route(method="GET", path=f"/{which.value}", respond=probes.probe(which), open=True) for which in Probe),
    Route(method="GET", path="/metrics", respond=probes.metrics, open=True),
    Route(method="GET", path="/", respond=page.page),
    Route(method="GET", path="/v1/status", respond=page.status),
    Route(method="POST", path="/v1/runs", respond=runs.ask),
    Route(method="GET", path="/v1/runs", respond=runs.newest, query=("account", "limit")),
    Route(method="GET", path="/v1/runs/{run}", respond=runs.one, query=("wait",)),
    Route(method="GET", path="/v1/runs/{run}/report", respond=runs.report),
    Route(method="GET", path="/v1/days", respond=runs.days, query=("account", "from", "to")),
    Route(method="POST", path="/v1/logins", respond=logins.begin),
    Route(method="POST", path="/v1/logins/{login}", respond=logins.finish),
    Route(method="POST", path="/v1/imports", respond=logins.take_over),
    Route(method="POST", path="/v1/backfills", respond=tending.backfill),
    Route(method="POST", path="/v1/verifications", respond=tending.verify),
    Route(method="GET", path="/v1/verifications/{verification}", respond=tending.verification, query=("wait",)),
    Route(method="POST", path="/v1/acceptances", respond=tending.accept),
    Route(method="PUT", path="/v1/accounts/{account}/pause", respond=tending.pause),
    Route(method="DELETE", path="/v1/accounts/{account}/pause", respond=tending.resume),
)


def candidates(path: str) -> list[tuple[Route, dict[str, str]]]:
    """Find the routes of a path, whatever the method, each with the parts of the path."""
    found = [(route, route.parts_of(path)) for route in ROUTES]
    return [(route, parts) for route, parts in found if parts is not None]


def chosen(found: Sequence[tuple[Route, dict[str, str]]], method: str) -> tuple[Route, dict[str, str]]:
    """Choose the route of a method; HEAD is asked as GET.

    Raises: Problem 404 or 405.
    """
    if not found:
        raise Problem(404, "there is nothing at this path")
    wanted = "GET" if method == "HEAD" else method
    for route, parts in found:
        if route.method == wanted:
            return route, parts
    methods = {route.method for route, _ in found}
    allowed = sorted(methods | ({"HEAD"} if "GET" in methods else set()))
    raise Problem(405, "this path knows no such method", headers={"Allow": ", ".join(allowed)})
