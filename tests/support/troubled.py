"""Households that get into trouble: accounts in a daemon of their own, each before a vendor of its own."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from cromwelld.sources.fitbit_web.endpoints import ENDPOINTS
from tests.support.cli import TOKEN, Vendor, call
from tests.support.logging_in import KEPT, Far, Place, free_port, streams_of
from tests.support.parts import missing
from tests.support.running import Running, running

LIGHT = ("sleep", "hrv")
ROOM = 150_000_000  # bytes; until they are taken, a small disk has more than a gigabyte
_GIGABYTE = 10**9


@dataclass
class Household:
    """Accounts in one daemon; `vendors` take any token, `fars` want a login; `port` stays over restarts."""

    root: Path
    vendors: Mapping[str, Vendor]
    fars: Mapping[str, Far] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def accounts(self) -> set[str]:
        return {*self.vendors, *self.fars}

    def data(self, account: str) -> Path:
        return self.root / "data" / account

    def laid_out(self, archive: str = "") -> None:
        """Write the configuration, and log everybody in; the archive is a folder if nothing else is said."""
        folder = f'[archive]\nfolder = "{self.root / "archive"}"\n'
        http = f'[http]\nlisten = "{self.target}"\n'
        text = f'state_dir = "{self.state}"\n' + http + (archive or folder) + "".join(self._accounts())
        self.config.write_text(text, encoding="utf-8")
        tokens = self.state / "tokens"
        tokens.mkdir(parents=True)
        for name in self.vendors:
            (tokens / f"{name}.json").write_text(json.dumps({"access_token": TOKEN}), encoding="utf-8")
        for name in self.fars:
            self.log_in(name)

    def _accounts(self) -> Iterator[str]:
        for name, vendor in self.vendors.items():
            kept = (*LIGHT, "heart_rate", "devices") if name == "stale" else LIGHT
            yield self._account(name, "fitbit_web", vendor.url, set(ENDPOINTS) - set(kept))
        for name, far in self.fars.items():
            client, secret = far.logins.client, self.root / f"{name}.secret"
            secret.touch(mode=0o600)
            secret.write_text(client.secret or "", encoding="utf-8")
            lines = f'client_id = "{client.id}"\nclient_secret_file = "{secret}"\n'
            yield self._account(name, far.api, far.url, set(streams_of(far.api)) - set(KEPT[far.api])) + lines

    def _account(self, name: str, source: str, url: str, leave_out: set[str]) -> str:
        return (
            f'[accounts.{name}]\nsource = "{source}"\nbase_url = "{url}"\ndata_dir = "{self.data(name)}"\n'
            f'prefix = "{name}"\nleave_out = {json.dumps(sorted(leave_out))}\n'
        )

    def log_in(self, account: str) -> None:
        """Log in by browser; the command speaks to the daemon if it runs."""
        done = Place(self.root, self.fars[account]).log_in("--account", account)
        assert done.code == 0, done.err

    def accept(self, account: str, date: dt.date) -> None:
        """Take a date as it is, by the daemon."""
        done = call("accept", date, "--account", account, "--config", self.config)
        assert "accepted" in done.out, done.err

    def change(self, account: str, **options: object) -> None:
        """Let a vendor behave otherwise from now on."""
        vendor = self.vendors[account]
        vendor.options = replace(vendor.options, **options)  # type: ignore[arg-type]

    def collect(self, daemon: Running, *wanted: str) -> None:
        """Lay lines of NAME and DATE for the daemon and hang up; without any, every account collects yesterday."""
        if wanted:
            (self.state / "rerun").write_text("\n".join(wanted), encoding="utf-8")
        daemon.hang_up()

    @contextmanager
    def living(self, name: str, **variables: str) -> Iterator[Running]:
        """Let the daemon live; it is ready when the block begins, and ended when that is left."""
        with running(self.config, name=name, **variables) as daemon:
            yield daemon.ready()

    def age_successes(self, account: str, by: dt.timedelta) -> None:
        """Let the ledger say that the runs that were done ended so much earlier; no daemon may run."""
        ended = (dt.datetime.now(dt.UTC) - by).isoformat()
        query = "UPDATE runs SET ended_at = ? WHERE account = ? AND state = 'done'"
        with closing(sqlite3.connect(self.state / "ledger.sqlite")) as ledger, ledger:
            assert ledger.execute(query, (ended, account)).rowcount > 0

    def age_outbox(self, account: str, by: dt.timedelta) -> None:
        """Let what waits to be stored of dates that are over have waited so long; today always waits."""
        first, *_ = sorted(path for path in (self.state / "outbox" / account).iterdir() if path.is_dir())
        for path in first.iterdir():
            os.utime(path, ((dt.datetime.now(dt.UTC) - by).timestamp(),) * 2)

    def age_login(self, account: str, left: dt.timedelta) -> None:
        """Let a login be so old that this is left of it; no daemon may run."""
        file = self.state / "tokens" / f"{account}.json"
        kept = json.loads(file.read_text(encoding="utf-8"))
        assert kept["refresh_expires_at"]
        kept["refresh_expires_at"] = (dt.datetime.now(dt.UTC) + left).isoformat()
        file.write_text(json.dumps(kept), encoding="utf-8")


@contextmanager
def household(root: Path, accounts: tuple[str, ...], fars: Mapping[str, Far] | None = None) -> Iterator[Household]:
    """Serve the vendors of the accounts that are named, each its own."""
    root.mkdir(parents=True)
    with ExitStack() as stack:
        made = Household(root, {name: Vendor() for name in accounts}, fars or {})
        for vendor in made.vendors.values():
            stack.enter_context(vendor.serving())
        for far in made.fars.values():
            stack.enter_context(far.serving())
        yield made


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a disk of little more than a gigabyte."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_GIGABYTE + ROOM}", "none", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        missing("a disk that fills up", "it needs the right to mount a tmpfs")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
