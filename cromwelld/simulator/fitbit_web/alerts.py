"""Endpoints of features that the person does not use.

Source: https://dev.fitbit.com/build/reference/web-api/electrocardiogram/get-ecg-log-list/
"""

from __future__ import annotations

from cromwelld.simulator.fitbit_web.asking import Ask
from cromwelld.simulator.fitbit_web.paging import page

MOST_ITEMS = 10


def readings(ask: Ask) -> object:
    """Answer that there are no electrocardiograms."""
    return {"ecgReadings": [], "pagination": _nothing(ask, "/1/user/-/ecg/list.json")}


def alerts(ask: Ask) -> object:
    """Answer that there are no alerts of an irregular rhythm."""
    return {"alerts": [], "pagination": _nothing(ask, "/1/user/-/irn/alerts/list.json")}


def _nothing(ask: Ask, path: str) -> dict[str, object]:
    nothing: list[int] = []
    return page(ask, path, most=MOST_ITEMS).cut(nothing, seconds_of=int)[1]
