"""The table of data types, against the one written down from the vendor's documentation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cromwelld.simulator.google_health.aggregates import AGGREGATES
from cromwelld.simulator.google_health.datatypes import BY_PATH, DATA_TYPES, ROLL_UPS
from tests.support.reference import reference


@pytest.fixture(scope="module")
def documented() -> dict[str, dict[str, Any]]:
    rows = json.loads(reference("google-health/data-types.json").read_bytes())["dataTypes"]
    return {row["path"]: row for row in rows}


def test_every_documented_type_is_there_and_no_other(documented: dict[str, dict[str, Any]]) -> None:
    assert set(BY_PATH) == set(documented)
    assert len(DATA_TYPES) == len(BY_PATH)


@pytest.mark.parametrize("kind", DATA_TYPES, ids=lambda kind: kind.path)
def test_a_type_is_as_documented(documented: dict[str, dict[str, Any]], kind: Any) -> None:  # noqa: ANN401
    row = documented[kind.path]
    prefix = "https://www.googleapis.com/auth/googlehealth."
    assert (kind.filter_name, kind.key, kind.record) == (row["filterName"], row["payloadKey"], row["recordType"])
    assert kind.operations == set(row["readOperations"])
    assert prefix + kind.scope == row["scope"]
    assert (kind.page, kind.default_page) == (row["maxPageSize"], row["defaultPageSize"])
    assert kind.roll_up_days == row.get("maxRollupRangeDays", 90)
    fields = [field.removesuffix(" (>= only)") for field in row["filterFields"]]
    assert [f"{kind.filter_name}.{member}" for member in kind.members] == fields


def test_whatever_is_rolled_up_has_a_sum() -> None:
    assert set(AGGREGATES) == {kind.path for kind in DATA_TYPES if kind.operations & ROLL_UPS}
