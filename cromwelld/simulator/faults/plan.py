"""A plan of faults: what happens to the n-th attempt of each request, and what did happen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cromwelld.simulator.faults.asked import Asked, stream_of
from cromwelld.simulator.faults.dice import Dice, Shares, shares
from cromwelld.simulator.faults.kinds import KINDS, PASSING, Fault

Course = tuple[Fault, ...]
DEFAULT_SHARE = 0.3
MOST_ON_ONE = 2
REFUSED = "401"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One fault as it happened; `attempt` counts from 1, `at` is the simulated time."""

    asked: Asked
    fault: Fault
    attempt: int
    at: datetime

    @property
    def stream(self) -> str:
        """Name what was asked for, whatever date."""
        return stream_of(self.asked.path)


class FaultPlan:
    """Hand out the faults of a course to the attempts of each request, and remember them in `said`.

    `seen` holds every attempt, faulted or not: under an empty script, all that an undisturbed run sends.

    `course` gives a request's faults in the order of its attempts, and is pure: what happens to a request does not
    depend on the others. A fault that stays is given for ever. `key` says which requests count as the same.
    """

    def __init__(
        self, course: Callable[[Asked], Course], *, key: Callable[[Asked], Hashable] = lambda asked: asked
    ) -> None:
        self.said: list[Said] = []
        self.seen: list[Asked] = []
        self._course = course
        self._key = key
        self._attempts: Counter[Hashable] = Counter()
        self._refused: defaultdict[Hashable, set[str]] = defaultdict(set)

    def fault(self, asked: Asked, *, token: str, at: datetime) -> Fault | None:
        """Decide about the next attempt of a request.

        A token that was refused for a request is refused for it again: only a new one helps. Such repeated refusals
        are no attempts, and are said as well.
        """
        key = self._key(asked)
        self.seen.append(asked)
        if token in self._refused[key]:
            return self._say(asked, KINDS[REFUSED], self._attempts[key], at)
        course, done = self._course(asked), self._attempts[key]
        self._attempts[key] += 1
        fault = course[done] if done < len(course) else next((each for each in course[-1:] if each.stays), None)
        if fault is None:
            return None
        if fault.name == REFUSED:
            self._refused[key].add(token)
        return self._say(asked, fault, done + 1, at)

    def course(self, asked: Asked) -> Course:
        """Tell what a request's attempts will meet, in order, without counting one."""
        return self._course(asked)

    def lasting_streams(self, requests: Collection[Asked]) -> dict[str, Fault]:
        """Tell which streams of these requests cannot be had under this plan, and why."""
        courses = ((stream_of(asked.path), self._course(asked)) for asked in requests)
        return {stream: course[-1] for stream, course in courses if course and course[-1].stays}

    def _say(self, asked: Asked, fault: Fault, attempt: int, at: datetime) -> Fault:
        self.said.append(Said(asked=asked, fault=fault, attempt=attempt, at=at))
        return fault


def plan(
    seed: int,
    *,
    share: float = DEFAULT_SHARE,
    most_on_one: int = MOST_ON_ONE,
    kinds: Collection[str] = PASSING,
    among: Collection[Asked] = (),
) -> FaultPlan:
    """Make a plan from a seed: equal arguments give equal faults, in any order of requests.

    `kinds` are names of KINDS. At most `most_on_one` faults meet one request, but for those that stay. `share` of the
    requests are faulted: exactly at most, where `among` names all that an undisturbed run sends; else each has that
    chance. Half of the share is for streams that cannot be had, where `kinds` has faults that stay.
    """
    dice = Dice(seed)
    faults = tuple(fault for name, fault in KINDS.items() if name in frozenset(kinds))
    passing = tuple(fault for fault in faults if not fault.stays)
    staying = tuple(fault for fault in faults if fault.stays)
    found = shares(dice, share, among=frozenset(among), staying=staying, passing=bool(passing))
    return FaultPlan(lambda asked: _course(asked, dice, found, (staying, passing), most_on_one))


def _course(asked: Asked, dice: Dice, found: Shares, faults: tuple[Course, Course], most_on_one: int) -> Course:
    """Throw a request's faults: those of its stream first; two in a row are alike half of the time."""
    staying, passing = (tuple(fault for fault in group if fault.fits(asked)) for group in faults)
    stream = stream_of(asked.path)
    if staying and found.has_stream(stream, dice):
        return (dice.pick(staying, "stays", stream),)
    if not passing or not found.has_request(asked, dice):
        return ()
    text = asked.text()
    first = dice.pick(passing, "first", text)
    again = tuple(fault for fault in passing if fault.group == "passing" and fault.name != REFUSED)
    if first.group != "passing" or not again:
        return (first,)
    count = 1 + dice.number("count", text) % most_on_one
    burst = first in again and dice.number("burst", text) % 2 == 0
    rest = (first if burst else dice.pick(again, f"then {place}", text) for place in range(1, count))
    return first, *rest


def scripted(courses: Mapping[str, Sequence[str]]) -> FaultPlan:
    """Make a plan by hand: the names of the faults that meet the requests for a path, one after the other.

    All requests for a path count as the same one, whatever their query and body.
    """
    made = {path: tuple(KINDS[name] for name in names) for path, names in courses.items()}
    return FaultPlan(lambda asked: made.get(asked.path, ()), key=lambda asked: asked.path)
