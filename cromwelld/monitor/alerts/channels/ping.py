"""Telling a Healthchecks-style monitor how each daily run goes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote, urlencode

import aiohttp

from cromwelld.config import Healthchecks
from cromwelld.errors import PersonNeeded
from cromwelld.monitor.alerts.channels.posting import Post, post

_KEY = "alerts.healthchecks.url"
_UNKNOWN = "not found"  # the answer to an unknown check is 200 with these words
_RUNS = uuid.UUID("5b0c5e0e-7f5e-4c55-8a4c-6d3a86e3d5c1")


class Ping(Enum):
    """What is told: what is put behind the address."""

    START = "/start"
    SUCCESS = ""
    FAIL = "/fail"
    LOG = "/log"  # is written down, and changes nothing: for a trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinger:
    """Tell one monitor; `{account}` in its address stands for the account's name. Nothing is sent along.

    Source: https://healthchecks.io/docs/http_api/
    """

    told: Healthchecks
    session: aiohttp.ClientSession
    timeout_s: float = 20.0

    async def send(self, ping: Ping, account: str, run: str) -> None:
        """Tell how a run of an account goes; start and end of a run are known as one by `run`.

        Raises: FarSideAway if it may work later; PersonNeeded if the monitor does not know the address.
        """
        base = self.told.url.replace("{account}", quote(account, safe=""))
        query = urlencode({"rid": str(uuid.uuid5(_RUNS, f"{account} {run}"))})
        what = Post(url=f"{base}{ping.value}?{query}", server="healthchecks", key=_KEY)
        if _UNKNOWN in (await post(self.session, what, self.timeout_s)).lower():
            raise PersonNeeded("the healthchecks server does not know the check", hint=f"set {_KEY} right")
