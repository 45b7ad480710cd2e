"""What a command asks a running daemon, and its answers and problems as values and errors of ours."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Sequence
from types import TracebackType
from typing import Self, TypeVar

import aiohttp
import msgspec

from cromwelld.errors import CromwelldError, FarSideAway, Held
from cromwelld.jobs.days import DateState
from cromwelld.jobs.overview import Overview
from cromwelld.jobs.summary import Summary, from_json
from cromwelld.state import Run, RunState
from cromwelld.web.finding import Found
from cromwelld.web.problems import error_of
from cromwelld.web.protocol import BackfillPlan, BackfillWish, LoggedIn, LoginBegun, Pause, Progress, Verification

T = TypeVar("T")
_ANSWERS_WITHIN = aiohttp.ClientTimeout(total=75, sock_connect=10)  # longer than the longest wait that may be asked for
_LOST_S = 30
_BAD_REQUEST = 400


class RunTold(msgspec.Struct, frozen=True, kw_only=True):
    """A run, as far as one who waits for it wants to know."""

    id: int
    state: RunState
    reason: str
    progress: Progress | None = None


class _Days(msgspec.Struct, frozen=True):
    days: tuple[DateState, ...]


class _Runs(msgspec.Struct, frozen=True):
    runs: tuple[Run, ...]


class _Accepted(msgspec.Struct, frozen=True):
    accepted: tuple[str, ...]


class Client:
    """Ask one daemon, over one session."""

    def __init__(self, found: Found) -> None:
        self._found = found
        self._session = aiohttp.ClientSession(
            timeout=_ANSWERS_WITHIN,
            headers={"Host": found.host, "Authorization": f"Bearer {found.token}"},
            trust_env=False,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def ask_run(self, account: str, dates: Collection[dt.date], force: Sequence[str]) -> RunTold:
        """Wish dates. Raises: as `ask`."""
        wish = {"account": account, "dates": sorted(dates), "force": list(force), "wished_by": "command"}
        return _decoded(await self.ask("POST", "/v1/runs", wish), RunTold)

    async def run(self, run: int, wait_s: int) -> RunTold:
        """Look at a run: when it has ended, or after so many seconds. Raises: as `ask`."""
        return _decoded(await self.ask("GET", f"/v1/runs/{run}?wait={wait_s}"), RunTold)

    async def whole_run(self, run: int) -> Run:
        """Give everything that is known of a run. Raises: as `ask`; NotThere."""
        return _decoded(await self.ask("GET", f"/v1/runs/{run}"), Run)

    async def runs(self, account: str | None, most: int) -> Sequence[Run]:
        """Give the newest runs, newest first. Raises: as `ask`."""
        query = f"limit={most}" if account is None else f"limit={most}&account={account}"
        return _decoded(await self.ask("GET", f"/v1/runs?{query}"), _Runs).runs

    async def overview(self) -> Overview:
        """Say how everything stands. Raises: as `ask`."""
        return _decoded(await self.ask("GET", "/v1/status"), Overview)

    async def report(self, run: int) -> Summary:
        """Give what a run did that has ended. Raises: as `ask`; NotThere if it has left no report."""
        try:
            return from_json(await self.ask("GET", f"/v1/runs/{run}/report"))
        except ValueError as err:
            raise _of_another_version(err) from err

    async def days(self, account: str) -> Sequence[DateState]:
        """Tell how the newest dates of an account stand, oldest first. Raises: as `ask`."""
        return _decoded(await self.ask("GET", f"/v1/days?account={account}"), _Days).days

    async def begin_login(self, account: str, redirect_uri: str) -> LoginBegun:
        """Begin a login. Raises: as `ask`."""
        wish = {"account": account, "redirect_uri": redirect_uri}
        return _decoded(await self.ask("POST", "/v1/logins", wish), LoginBegun)

    async def finish_login(self, login: str, answer: str, *, replace_person: bool) -> LoggedIn:
        """Bring back what the browser ended on. Raises: as `ask`."""
        brought = {"answer": answer, "replace_person": replace_person}
        return _decoded(await self.ask("POST", f"/v1/logins/{login}", brought), LoggedIn)

    async def import_login(self, account: str, content: str, *, replace_person: bool) -> LoggedIn:
        """Bring the token file of another program. Raises: as `ask`."""
        brought = {"account": account, "content": content, "replace_person": replace_person}
        return _decoded(await self.ask("POST", "/v1/imports", brought), LoggedIn)

    async def backfill(self, wish: BackfillWish) -> BackfillPlan:
        """Let dates be filled up, or only plan it. Raises: as `ask`."""
        told = {"account": wish.account, "from": wish.first, "to": wish.last, "dry_run": wish.dry_run}
        return _decoded(await self.ask("POST", "/v1/backfills", told), BackfillPlan)

    async def verify(self, account: str, *, repair: bool) -> Verification:
        """Let everything be read back. Raises: as `ask`."""
        wish = {"account": account, "repair": repair}
        return _decoded(await self.ask("POST", "/v1/verifications", wish), Verification)

    async def verification(self, verification: int, wait_s: int) -> Verification:
        """Look at a reading back: when it has ended, or after so many seconds. Raises: as `ask`; NotThere."""
        return _decoded(await self.ask("GET", f"/v1/verifications/{verification}?wait={wait_s}"), Verification)

    async def accept(self, account: str, date: dt.date, streams: Collection[str]) -> tuple[str, ...]:
        """Settle streams of a date as they are, all of them if none is named. Raises: as `ask`."""
        wish = {"account": account, "date": date, "streams": sorted(streams)}
        return _decoded(await self.ask("POST", "/v1/acceptances", wish), _Accepted).accepted

    async def pause(self, account: str, until: dt.datetime | None) -> Pause:
        """Let nothing be collected until a time, or until it is resumed. Raises: as `ask`."""
        return _decoded(await self.ask("PUT", f"/v1/accounts/{account}/pause", {"until": until}), Pause)

    async def resume(self, account: str) -> Pause:
        """Let an account be collected again. Raises: as `ask`."""
        return _decoded(await self.ask("DELETE", f"/v1/accounts/{account}/pause"), Pause)

    async def ask(self, method: str, path: str, body: object = None) -> bytes:
        """Ask for a path, with a body of JSON if there is one.

        Raises: the kind of error that the daemon met; ConfigurationError if it does not let us in; Held if it runs and
        does not answer.
        """
        data = None if body is None else msgspec.json.encode(body)
        headers = {} if data is None else {"Content-Type": "application/json"}
        try:
            async with self._session.request(
                method, self._found.url + path, data=data, headers=headers, allow_redirects=False
            ) as response:
                content = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as err:
            message = f"the daemon (process {self._found.pid}) does not answer at {self._found.url}"
            raise Held(message, hint="see its log; if it is just starting, try again in a moment") from err
        if response.status >= _BAD_REQUEST:
            raise error_of(response.status, content)
        return content


def _decoded(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as err:
        raise _of_another_version(err) from err


def _of_another_version(err: Exception) -> CromwelldError:
    return CromwelldError(f"the daemon answers otherwise than expected: {err}", hint="is it of another version?")


async def ended(client: Client, run: RunTold, *, step_s: int, tell: Callable[[int, int], None]) -> RunTold:
    """Wait until a run has ended; `tell` hears how far it is, each `step_s` seconds.

    A daemon that is started again meanwhile goes on with the run, and is waited for.

    Raises: as `Client.ask`; FarSideAway if the daemon stays away.
    """
    lost_s = 0
    while not run.state.ended:
        try:
            run = await client.run(run.id, step_s)
            lost_s = 0
        except Held as err:
            lost_s += 1
            if lost_s > _LOST_S:
                hint = f"when it is started it goes on by itself: cromwelld runs {run.id} says how it ended"
                raise FarSideAway(f"the daemon has gone away with run {run.id}", hint=hint) from err
            await asyncio.sleep(1)
        if run.progress is not None:
            tell(run.progress.done, run.progress.total)
    return run
