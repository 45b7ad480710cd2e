"""The faults that there are, as values.

Source: what people met in the field, by https://github.com/arpanghosh8453/fitbit-grafana/issues (25, 32, 40, 54, 75),
https://github.com/home-assistant/core/issues/169485, https://github.com/pkpio/fitbit-googlefit/issues/21
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cromwelld.simulator.faults.asked import Asked, Place

Group = Literal["passing", "lasting", "retired", "late", "rotation"]
Act = Literal["answer", "html", "silent", "slow", "cut_body", "cut_json", "empty", "lost", "lost_half"]

DATA: frozenset[Place] = frozenset({"data"})
API: frozenset[Place] = frozenset({"data", "account"})
EVERYWHERE: frozenset[Place] = frozenset({"data", "account", "token"})
TOKEN: frozenset[Place] = frozenset({"token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Say how one attempt fails.

    - `group`: `passing` faults are over at the next attempt; `lasting` ones stay, for a stream; `retired` ones stay as
      well and mean that the vendor is gone; `late` data are there at the next asking; with `rotation` ones the vendor
      has rotated the refresh token and the answer is lost.
    - `act`: what is done. `status`, `shape` and `headers` are those of the answer; `{wait}` stands for some seconds.
    - `where` it can happen; `fitbit` says that only that vendor does it.
    """

    name: str
    group: Group = "passing"
    act: Act = "answer"
    status: int = 200
    shape: Literal["legacy", "google"] = "legacy"
    headers: Mapping[str, str] = field(default_factory=dict)
    where: frozenset[Place] = API
    fitbit: bool = False

    @property
    def stays(self) -> bool:
        """Tell whether every attempt fails."""
        return self.group in {"lasting", "retired"}

    def fits(self, asked: Asked) -> bool:
        """Tell whether it can happen to a request. Only a renewal fails at the token endpoint, no first login."""
        is_place = asked.place in self.where and (asked.is_refresh or asked.place != "token")
        return is_place and not (self.fitbit and asked.is_google)


def _limits(remaining: str, reset: str) -> dict[str, str]:
    return {
        "Fitbit-Rate-Limit-Limit": "150",
        "Fitbit-Rate-Limit-Remaining": remaining,
        "Fitbit-Rate-Limit-Reset": reset,
    }


_SPENT = _limits("0", "{wait}")
FAULTS = (
    Fault(name="429 reset", status=429, headers=_SPENT, fitbit=True),
    Fault(name="429 lower case", status=429, headers={k.lower(): v for k, v in _SPENT.items()}, fitbit=True),
    Fault(name="429 retry-after", status=429, headers={"Retry-After": "{wait}"}, where=EVERYWHERE),
    Fault(name="429 bare", status=429),
    Fault(name="429 nonsense", status=429, headers={**_limits("none", "soon"), "Retry-After": "later"}, fitbit=True),
    Fault(name="429 remaining", status=429, headers=_limits("37", "{wait}"), fitbit=True),
    Fault(name="500", status=500, where=EVERYWHERE),
    Fault(name="502 html", status=502, act="html", where=EVERYWHERE),
    Fault(name="503", status=503, where=EVERYWHERE),
    Fault(name="504", status=504, where=EVERYWHERE),
    Fault(name="520 html", status=520, act="html", fitbit=True),
    Fault(name="no answer", act="silent", where=EVERYWHERE),
    Fault(name="slow", act="slow", where=EVERYWHERE),
    Fault(name="cut body", act="cut_body"),
    Fault(name="cut json", act="cut_json"),
    Fault(name="html", act="html", where=EVERYWHERE),
    Fault(name="401", status=401),
    Fault(name="403 legacy", group="lasting", status=403, where=DATA, fitbit=True),
    Fault(name="403 google", group="lasting", status=403, shape="google", where=DATA),
    Fault(name="404", group="lasting", status=404, where=DATA),
    Fault(name="410", group="retired", status=410, where=API),
    Fault(name="late", group="late", act="empty", where=DATA),
    Fault(name="rotation lost", group="rotation", act="lost", where=TOKEN),
    Fault(name="rotation cut", group="rotation", act="lost_half", where=TOKEN),
)
KINDS: Mapping[str, Fault] = {fault.name: fault for fault in FAULTS}


def _names(group: Group) -> frozenset[str]:
    return frozenset(fault.name for fault in FAULTS if fault.group == group)


PASSING = _names("passing")
LASTING = _names("lasting")
RETIRED = _names("retired")
LATE = _names("late")
ROTATION = _names("rotation")
# a fixed token cannot be renewed: without a login a 401 does not pass
WITHOUT_LOGIN = PASSING - {"401"}
