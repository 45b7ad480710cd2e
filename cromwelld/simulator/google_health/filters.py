"""The vendor's filters: what is said, whether it may be said, and which points it means.

Source: https://developers.google.com/health/filters
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from cromwelld.simulator.google_health.datatypes import FILTER_NAMES, DataType
from cromwelld.simulator.google_health.points import Point
from cromwelld.simulator.google_health.refusals import invalid
from cromwelld.simulator.google_health.times import (
    HIGHEST_OFFSET_S,
    LOWEST_OFFSET_S,
    day_at,
    read_civil,
    read_date,
    read_instant,
    seconds_at,
)

RESTRICTION = re.compile(r'\s*([A-Za-z][\w.-]*)\s*(>=|<=|!=|=|<|>|:)\s*"([^"]*)"\s*')
CONNECTIVE = re.compile(r"(AND|OR)(?=\s)")

Kind = Literal["physical", "civil"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Hold how a point is compared by one of its times: the time as a number, and how a filter writes it."""

    kind: Kind
    at: Callable[[Point], float]
    read: Callable[[str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """Hold one comparison of a filter."""

    member: Member
    operator: str
    bound: float

    def keeps(self, point: Point) -> bool:
        """Say whether a point is meant; one that has no such time yet never is."""
        at = self.member.at(point)
        return at >= self.bound if self.operator == ">=" else at < self.bound

    def earliest(self) -> date:
        """Give the first civil date that a lower bound leaves."""
        return day_at(self.bound + (LOWEST_OFFSET_S if self.member.kind == "physical" else 0))

    def latest(self) -> date:
        """Give the last civil date that an upper bound leaves."""
        return day_at(self.bound - 1 + (HIGHEST_OFFSET_S if self.member.kind == "physical" else 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Hold a filter: a point must be kept by one restriction at least of every group."""

    groups: tuple[tuple[Restriction, ...], ...] = ()

    def keeps(self, point: Point) -> bool:
        """Say whether a point is meant."""
        return all(any(one.keeps(point) for one in group) for group in self.groups)

    def days(self, span: tuple[date, date]) -> tuple[date, date]:
        """Give the dates, both included, outside of which no point is meant; they lie within the span."""
        alone = [group[0] for group in self.groups if len(group) == 1]
        lowest = max((one.earliest() for one in alone if one.operator == ">="), default=span[0])
        highest = min((one.latest() for one in alone if one.operator == "<"), default=span[1])
        return max(lowest, span[0]), min(highest, span[1])


def parse(text: str | None, kind: DataType, *, refused: frozenset[str] = frozenset()) -> Filter:
    """Read a filter for a type; `refused` members are treated as if the type did not have them.

    As in AIP-160, OR binds more closely than AND.

    Raises: Refusal: 400 with the vendor's reason.
    """
    if not text or not text.strip():
        return Filter()
    said, connectives = _split(text)
    restrictions = [_restriction(one, kind, refused) for one in said]
    if "OR" in connectives and not kind.alternatives:
        raise invalid("INVALID_DATA_POINT_FILTER_EXPRESSION_STRUCTURE")
    if len({one.member.kind for one in restrictions}) > 1:
        raise invalid("INVALID_DATA_POINT_FILTER_MIXED_TIME_RESTRICTIONS")
    found = Filter(groups=_grouped(restrictions, connectives))
    _check_range(found)
    return found


def _split(text: str) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Take a filter apart into restrictions and what stands between them."""
    said: list[tuple[str, str, str]] = []
    connectives: list[str] = []
    position = 0
    while True:
        found = RESTRICTION.match(text, position)
        if not found:
            raise invalid("INVALID_DATA_POINT_FILTER")
        said.append((found[1], found[2], found[3]))
        position = found.end()
        if position == len(text):
            return said, connectives
        between = CONNECTIVE.match(text, position)
        if not between or not text[position - 1].isspace():
            raise invalid("INVALID_DATA_POINT_FILTER")
        connectives.append(between[1])
        position = between.end()


def _restriction(said: tuple[str, str, str], kind: DataType, refused: frozenset[str]) -> Restriction:
    field, operator, literal = said
    name, _, rest = field.partition(".")
    if name not in FILTER_NAMES:
        raise invalid("INVALID_DATA_POINT_FILTER")
    if name != kind.filter_name:
        raise invalid("INVALID_DATA_POINT_FILTER_COLLECTION_MISMATCH")
    if rest not in kind.members or field in refused:
        raise invalid("INVALID_DATA_POINT_FILTER_DATA_TYPE_MEMBER")
    if operator not in kind.comparators:
        raise invalid("INVALID_DATA_POINT_FILTER_RESTRICTION_COMPARATOR")
    member = MEMBERS[rest]
    try:
        return Restriction(member=member, operator=operator, bound=member.read(literal))
    except ValueError as err:
        raise invalid("INVALID_DATA_POINT_FILTER") from err


def _grouped(restrictions: Sequence[Restriction], connectives: Sequence[str]) -> tuple[tuple[Restriction, ...], ...]:
    groups = [[restrictions[0]]]
    for connective, one in zip(connectives, restrictions[1:], strict=True):
        if connective == "OR":
            groups[-1].append(one)
        else:
            groups.append([one])
    return tuple(tuple(group) for group in groups)


def _check_range(found: Filter) -> None:
    alone = [group[0] for group in found.groups if len(group) == 1]
    lowest = max((one.bound for one in alone if one.operator == ">="), default=-math.inf)
    highest = min((one.bound for one in alone if one.operator == "<"), default=math.inf)
    if highest <= lowest:
        raise invalid("INVALID_TIME_RANGE")


def _end(point: Point) -> float:
    return point.end if point.end >= point.start else math.nan


MEMBERS = {
    "interval.start_time": Member(kind="physical", at=lambda point: point.start, read=read_instant),
    "interval.civil_start_time": Member(kind="civil", at=lambda point: point.start + point.offset_s, read=read_civil),
    "interval.end_time": Member(kind="physical", at=_end, read=read_instant),
    "interval.civil_end_time": Member(kind="civil", at=lambda point: _end(point) + point.end_offset_s, read=read_civil),
    "sample_time.physical_time": Member(kind="physical", at=lambda point: point.start, read=read_instant),
    "sample_time.civil_time": Member(kind="civil", at=lambda point: point.start + point.offset_s, read=read_civil),
    "date": Member(
        kind="civil", at=lambda point: math.nan if point.day is None else seconds_at(point.day), read=read_date
    ),
}
