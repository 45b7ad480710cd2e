from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from cromwelld.sources.spans import Span, spans
from tests.unit.fitbit_web.reading import day

dates = st.sets(st.dates(dt.date(2024, 1, 1), dt.date(2024, 4, 30)), max_size=80)


@settings(max_examples=60)
@given(dates=dates, longest=st.integers(1, 40))
def test_spans_hold_each_date_once_and_no_other(dates: set[dt.date], longest: int) -> None:
    found = spans(dates, longest)
    assert [date for span in found for date in span.dates] == sorted(dates)
    assert all(1 <= len(span.dates) <= longest for span in found)


def test_a_span_is_as_long_as_it_may_be() -> None:
    month = [day(f"2024-01-{number:02d}") for number in range(1, 32)]
    assert spans(month, 30) == [Span(month[0], month[29]), Span(month[30], month[30])]
    assert spans([month[0], month[2], month[0]], 30) == [Span(month[0], month[0]), Span(month[2], month[2])]
    assert spans([], 30) == []
