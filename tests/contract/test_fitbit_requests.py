"""Every request that the Fitbit Web source makes, held against the vendor's own description of its API."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

from cromwelld.sources.fitbit_web.endpoints import ENDPOINTS, PROFILE, SCOPES
from tests.support.far_side import FarSide, Seen
from tests.support.reference import reference
from tests.unit.fitbit_web.days import DATE, LIST, activity, fetching, lay_day, listed, pieces
from tests.unit.fitbit_web.reading import day

DESCRIPTION = "fitbit-web/openapi/fitbit-web-api-openapi.json"
SWAGGER = "fitbit-web/openapi/fitbit-web-api-swagger.json"
VENDOR = "https://api.fitbit.com"
LAST = "2024-04-01"


@pytest.fixture(scope="module")
def description() -> OpenAPI:
    """Load the description without its mistakes: a path called `post`, and every scope at once for every request."""
    content: dict[str, Any] = json.loads(reference(DESCRIPTION).read_bytes())
    content["paths"].pop("post", None)
    for operations in content["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
    return OpenAPI.from_dict(content, config=Config(spec_validator_cls=None))


async def _requests() -> list[Seen]:
    """Ask for three dates of everything, with a list of two pages, and with a profile for want of a zone."""
    far_side = FarSide()
    lay_day(far_side)
    second = f"{VENDOR}{LIST}?offset=100&limit=100&sort=asc&afterDate=2024-03-29"
    far_side.lay(
        LIST, listed(activity(7, f"{DATE}T10:00:00Z"), following=second), listed(activity(8, f"{DATE}T11:00:00Z"))
    )
    async with fetching(far_side, zone_of=lambda _: None) as one:
        await one.all(pieces(DATE, LAST))
    return far_side.seen


def _check(description: OpenAPI, path: str, query: dict[str, str]) -> None:
    description.validate_request(MockRequest(VENDOR, "get", path, args=query))


async def test_every_request_is_valid(description: OpenAPI) -> None:
    seen = await _requests()
    for one in seen:
        _check(description, one.path, dict(one.query))
    # 3 x heart rate and steps; 14 ranges; devices, profile; two pages and two tracks
    assert len(seen) == 6 + 14 + 2 + 4


async def test_every_request_stands_in_the_swagger_file_too() -> None:
    paths = json.loads(reference(SWAGGER).read_bytes())["paths"]
    for one in await _requests():
        assert any(_matches(template, one.path) for template in paths), one.path


def _matches(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(map(_fits, parts, given))


def _fits(part: str, given: str) -> bool:
    name, _, ending = part.rpartition("}")
    return given.endswith(ending) if name.startswith("{") else part == given


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/1/user/-/hrv/date/2024-03-30/soon.json", {}),
        ("/1/user/-/activities/tracker/naps/date/2024-03-30/2024-03-30.json", {}),
        ("/1/user/-/nothing.json", {}),
        (LIST, {"afterDate": "2024-03-29", "sort": "asc", "offset": "0"}),
        (LIST, {"afterDate": "soon", "sort": "asc", "offset": "0", "limit": "100"}),
    ],
)
def test_the_check_finds_what_is_wrong(description: OpenAPI, path: str, query: dict[str, str]) -> None:
    with pytest.raises(OpenAPIError):
        _check(description, path, query)


def test_the_scopes_are_those_of_the_vendor() -> None:
    flows = json.loads(reference(DESCRIPTION).read_bytes())["components"]["securitySchemes"]["oauth2"]["flows"]
    known = {scope for flow in flows.values() for scope in flow["scopes"]}
    newer = {"oxygen_saturation", "respiratory_rate", "temperature"}
    assert known | newer >= SCOPES


def test_addresses_are_filled_with_iso_dates() -> None:
    request = ENDPOINTS["activities"].address.request(day("2024-03-01"), day("2024-03-03"))
    assert request.query["afterDate"] == "2024-02-29"
    assert PROFILE.request(dt.date(2024, 3, 1), dt.date(2024, 3, 1)).path == "/1/user/-/profile.json"
