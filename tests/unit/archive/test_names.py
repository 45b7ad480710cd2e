"""Names of objects, matched exactly."""

from __future__ import annotations

import datetime as dt

import pytest

from cromwelld.archive.names import date_of, object_name, replaced_name

DATE = dt.date(2025, 10, 8)


def test_names_are_those_of_the_contract() -> None:
    assert object_name(DATE) == "fitbit_backup_2025-10-08.json.gz"
    digest = "0123456789abcdef" * 4
    assert replaced_name(DATE, digest) == "replaced/2025-10-08/01234567.json.gz"
    assert date_of(object_name(DATE)) == DATE


@pytest.mark.parametrize(
    "name",
    [
        "",
        "fitbit_backup_2025-10-08.json",
        "fitbit_backup_2025-10-08.json.gz.tmp",
        ".fitbit_backup_2025-10-08.json.gz.1a2b3c4d.tmp",
        "xfitbit_backup_2025-10-08.json.gz",
        "fitbit_backup_2025-10-08.json.gz\n",
        "fitbit_backup_2025-10-08Xjson.gz",
        "fitbit_backup_20251008.json.gz",
        "fitbit_backup_2025-W41-3.json.gz",
        "fitbit_backup_2025-02-29.json.gz",
        "fitbit_backup_2025-13-01.json.gz",
        "fitbit_backup_2025-1-01.json.gz",
        "fitbit_backup_0000-01-01.json.gz",
        "fitbit_backup_٢٠٢٥-10-08.json.gz",
        "Fitbit_backup_2025-10-08.json.gz",
        "2025-10-08/fitbit_backup_2025-10-08.json.gz",
    ],
)
def test_anything_else_is_not_ours(name: str) -> None:
    assert date_of(name) is None
