from __future__ import annotations

import datetime as dt

import pytest

from cromwelld.cli.dates import parse_dates
from cromwelld.errors import UsageError

TODAY = dt.date(2025, 11, 3)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-10-08", "2025-10-08", "2025-10-08"),
        (" 2025-10-08 ", "2025-10-08", "2025-10-08"),
        ("2025-10-06..2025-10-12", "2025-10-06", "2025-10-12"),
        ("2025-11-01..today", "2025-11-01", "2025-11-03"),
        ("2025-11-01..yesterday", "2025-11-01", "2025-11-02"),
        ("today", "2025-11-03", "2025-11-03"),
        ("yesterday", "2025-11-02", "2025-11-02"),
        ("1d", "2025-11-02", "2025-11-02"),
        ("7d", "2025-10-27", "2025-11-02"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("2009-01-01", "2009-01-01", "2009-01-01"),
    ],
)
def test_dates_as_people_type_them(text: str, first: str, last: str) -> None:
    assert [date.isoformat() for date in parse_dates(text, TODAY)] == [first, last]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "2025-10-06..",
        "..2025-10-06",
        "2025-10-06...2025-10-08",
        "2025-10-06,2025-10-08",
        "2025-10-12..2025-10-06",
        "2025-11-04",
        "2025-11-01..2025-11-04",
        "2008-12-31",
        "2008-12-31..2025-10-01",
        "2025-02-29",
        "2025-13-01",
        "2025-1-1",
        "20251008",
        "2025-W41-3",
        "08.10.2025",
        "0000-01-01",
        "9999-12-31",
        "0d",
        "-1d",
        "9999d",
        "99999d",
        "\u0662\u0660\u0662\u0665-\u0661\u0660-\u0660\u0668",
        "\u0667d",
        "tomorrow",
    ],
)
def test_other_words_are_refused_with_the_forms_that_are_allowed(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_dates(text, TODAY)
    assert "2025-10-06..2025-10-12" in refused.value.hint
