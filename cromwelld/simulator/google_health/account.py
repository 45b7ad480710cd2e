"""The methods about the account: identity, profile, settings and paired devices."""

from __future__ import annotations

from typing import Any

from cromwelld.simulator.google_health.asking import Ask, page_size
from cromwelld.simulator.google_health.datatypes import PROFILE, SETTINGS
from cromwelld.simulator.google_health.listing import enclosed
from cromwelld.simulator.google_health.paging import page, place, question
from cromwelld.simulator.google_health.refusals import Refusal, no_scope

NOTHING: frozenset[str] = frozenset()
DEVICES_ON_A_PAGE, MOST_DEVICES_ON_A_PAGE = 5, 100


def identity(ask: Ask) -> dict[str, Any]:
    """Say who this is; any scope will do. Raises: Refusal."""
    ask.check_query(NOTHING)
    if ask.options.scopes is not None and not ask.options.scopes:
        raise no_scope()
    return {**ask.records.identity(), **ask.whose}


def profile(ask: Ask) -> dict[str, Any]:
    """Give the profile. Raises: Refusal."""
    ask.check_query(NOTHING)
    ask.check_scopes(PROFILE)
    return dict(ask.records.profile())


def settings(ask: Ask) -> dict[str, Any]:
    """Give the settings, among them the time zone. Raises: Refusal."""
    ask.check_query(NOTHING)
    ask.check_scopes(SETTINGS)
    return dict(ask.records.settings())


def paired_devices(ask: Ask) -> dict[str, Any]:
    """Give a page of devices. Raises: Refusal."""
    ask.check_query(frozenset({"pageSize", "pageToken"}))
    ask.check_scopes(SETTINGS)
    devices = [dict(one) for one in ask.records.paired_devices()]
    size = page_size(ask.query.get("pageSize"), default=DEVICES_ON_A_PAGE, most=MOST_DEVICES_ON_A_PAGE)
    at = place(ask.query.get("pageToken"), question(ask.path, ask.query))
    found = page(at, size=size, total=len(devices), oddities=ask.options.pages(ask.path))
    return enclosed("pairedDevices", devices[found.first : found.end], found.next_token, ask)


def paired_device(ask: Ask) -> dict[str, Any]:
    """Give one device by its id. Raises: Refusal."""
    ask.check_query(NOTHING)
    ask.check_scopes(SETTINGS)
    for device in ask.records.paired_devices():
        if str(device.get("name", "")).rpartition("/")[2] == ask.named["id"]:
            return dict(device)
    raise Refusal(404)
