"""One request, checked as the vendor checks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cromwelld.simulator.google_health.datatypes import BY_PATH, WRITE_ONLY, DataType, Operation
from cromwelld.simulator.google_health.options import Options
from cromwelld.simulator.google_health.points import Point, Records
from cromwelld.simulator.google_health.refusals import (
    Refusal,
    invalid,
    malformed,
    no_scope,
    not_offered,
    write_only,
)

ON_EVERY_METHOD = frozenset({"alt", "prettyPrint", "quotaUser", "$.xgafv"})
FAMILIES = "users/me/dataSourceFamilies/"
FIRST_PARTY = frozenset({"FITBIT", "HEALTH_CONNECT", "FIT", "NEST", "GOOGLE_WEB_API"})
IN_FAMILY: Mapping[str, Callable[[Point], bool]] = {
    "all-sources": lambda _: True,
    "google-wearables": lambda point: point.wearable,
    "google-sources": lambda point: point.wearable or point.source.get("platform") in FIRST_PARTY,
    "self-sources": lambda _: False,
}
INT32_MAX = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Hold one request: its path and the values in it, its query, its body, and what the cloud knows.

    `whose` says by which ids the account goes, where it is not the only one.
    """

    records: Records
    options: Options
    path: str
    named: Mapping[str, str]
    query: Mapping[str, str]
    content: bytes = b""
    whose: Mapping[str, str] = field(default_factory=dict)

    def check_query(self, allowed: frozenset[str], *, alts: frozenset[str] = frozenset({"json"})) -> None:
        """Refuse a parameter that the method does not have. Raises: Refusal: 400."""
        for name in self.query:
            if name not in allowed | ON_EVERY_METHOD:
                raise malformed(
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
                    f"Field '{name}' could not be found in request message."
                )
        if self.query.get("alt", "json") not in alts:
            raise Refusal(400)

    def check_scopes(self, *needed: str) -> None:
        """Refuse a token without one of the scopes. Raises: Refusal: 403."""
        if self.options.scopes is not None and not set(needed) <= self.options.scopes:
            raise no_scope()

    def kind(self, operation: Operation) -> DataType:
        """Find the type of the path, for an operation. Raises: Refusal: 400 or 403."""
        path = self.named["type"]
        if path in WRITE_ONLY:
            raise write_only(path)
        kind = BY_PATH.get(path)
        if kind is None:
            raise invalid("INVALID_PARENT_DATA_TYPE_COLLECTION")
        self.check_scopes(kind.scope)
        if operation not in kind.operations:
            raise not_offered(operation, path)
        return kind

    def body(self, allowed: frozenset[str]) -> dict[str, Any]:
        """Read the body. Raises: Refusal: 400 where it is no object, or has a name that the method does not have."""
        try:
            found = json.loads(self.content or b"{}")
        except ValueError as err:
            raise malformed("Invalid JSON payload received. Parsing terminated before end of input.") from err
        if not isinstance(found, dict):
            raise malformed("Invalid JSON payload received. Unexpected token.")
        check_names(found, allowed)
        return found


def check_names(found: Mapping[str, Any], allowed: frozenset[str], *, where: str = "") -> None:
    """Refuse a name in a body that the vendor does not know. Raises: Refusal: 400."""
    for name in found:
        if name not in allowed:
            at = f' at "{where}"' if where else ""
            raise malformed(f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.')


def family(name: object) -> Callable[[Point], bool]:
    """Find what a data source family keeps; its name must be whole. Raises: Refusal: 400."""
    if name is None or name == "":
        return IN_FAMILY["all-sources"]
    known = {FAMILIES + short: keeps for short, keeps in IN_FAMILY.items()}
    if not isinstance(name, str) or name not in known:
        raise invalid("INVALID_DATA_POINT_DATA_SOURCE_FAMILY")
    return known[name]


def page_size(asked: object, *, default: int, most: int) -> int:
    """Read a page size: more than the most is cut without a word, nothing and zero mean the default.

    Raises: Refusal: 400 where it is no whole number, or below zero.
    """
    if asked is None or asked == "":
        return default
    try:
        size = int(asked) if isinstance(asked, (str, int)) and not isinstance(asked, bool) else -1
    except ValueError as err:
        raise malformed(f"Invalid value at 'page_size' (TYPE_INT32), {json.dumps(asked)}") from err
    if not 0 <= size <= INT32_MAX:
        raise malformed("Invalid value at 'page_size' (TYPE_INT32)")
    return min(size or default, most)
