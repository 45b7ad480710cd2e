"""The doctor against the simulated vendors: every finding that rests on an answer, well and ill."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from cromwelld.locks import held
from cromwelld.simulator import fitbit_web, google_health
from cromwelld.simulator.person import Person
from cromwelld.simulator.serve import serving
from tests.support.cli import HEAVY, TOKEN, Ran, call, environment, home
from tests.support.google import Cloud

GOOGLE = "https://www.googleapis.com/auth/googlehealth."
BOXES = ("activity_and_fitness", "health_metrics_and_measurements", "sleep", "settings", "location")
NOBODY = 65534
SECRET = "GOCSPX-not-to-be-shown"
FITBIT_SCOPES = (
    "activity heartrate location oxygen_saturation profile respiratory_rate settings sleep temperature weight"
)
ALL_OF_GOOGLE = " ".join(f"{GOOGLE}{box}.readonly" for box in BOXES)
IDENTITY = "/v4/users/me/identity"
PROFILE = "/1/user/-/profile.json"

CHECKS = (
    "configuration, client secret, state folder, data folder, archive, tables, backup, locks, store, ledger, "
    "outbox, exports, login, clock, vendor, login accepted, {}account, scopes, identity, time zone"
)
ASKED = {"clock", "vendor", "login accepted", "api", "account", "scopes", "identity", "time zone"}
IDS = ("SYNTH1", "1000000007", "1234567890", "ABC123")  # as the simulated vendors have them


class Unnamed(Cloud):
    """A vendor that does not say who somebody is."""

    def identity(self) -> Mapping[str, Any]:
        return {"name": "users/me/identity"}


class Vendors:
    """Both simulated vendors in a thread; what they do and their clock may be changed between requests."""

    def __init__(self) -> None:
        self.google, self.fitbit = google_health.Options(quota=None), fitbit_web.Options(quota=None)
        self.records: Cloud = Cloud()
        self.ahead = dt.timedelta()
        self.urls: dict[str, str] = {}
        self._ready = threading.Event()
        self._stop: Callable[[], object] = lambda: None

    def _now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.ahead

    @contextmanager
    def serving(self) -> Iterator[None]:
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        thread.start()
        assert self._ready.wait(20)
        try:
            yield
        finally:
            self._stop()
            thread.join(10)

    async def _serve(self) -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        self._stop = lambda: loop.call_soon_threadsafe(stop.set)
        google: web.Application = google_health.application(
            lambda: self.records, clock=self._now, options=lambda: self.google
        )
        fitbit = fitbit_web.application(Person(), clock=self._now, options=lambda: self.fitbit)
        async with serving(google) as google_url, serving(fitbit) as fitbit_url:
            self.urls = {"google_health": google_url, "fitbit_web": fitbit_url}
            self._ready.set()
            await stop.wait()


@pytest.fixture(scope="module")
def served() -> Iterator[Vendors]:
    one = Vendors()
    with one.serving():
        yield one


@pytest.fixture
def vendors(served: Vendors) -> Iterator[Vendors]:
    yield served
    served.google, served.fitbit = google_health.Options(quota=None), fitbit_web.Options(quota=None)
    served.records, served.ahead = Cloud(), dt.timedelta()


@dataclass(frozen=True)
class Patient:
    """One person's set-up, in which everything is as it must be."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def login(self) -> Path:
        return self.root / "state/tokens/me.json"

    def doctor(self, *more: object) -> Ran:
        ran = call("doctor", "--config", self.config, *more)
        said = ran.out + ran.err
        assert not [word for word in (SECRET, *IDS) if word in said]
        return ran

    def findings(self, code: int, *more: object) -> dict[str, dict[str, str]]:
        """Give what each check found; every one that is not well has a remedy, and only those."""
        ran = self.doctor("--json", *more)
        assert (ran.code, ran.err) == (code, ""), ran.out
        assert ran.json["exit_code"] == code
        found = {one["check"]: one for one in ran.json["findings"]}
        assert len(found) == len(ran.json["findings"])
        assert all(bool(one["remedy"]) == (one["status"] != "ok") for one in found.values())
        assert all(one["sentence"] for one in found.values())
        return found

    def grant(self, scope: str | None) -> None:
        content = {"access_token": TOKEN} | ({} if scope is None else {"scope": scope})
        self.login.write_text(json.dumps(content), encoding="utf-8")

    def change(self, old: str, new: str) -> None:
        text = self.config.read_text("utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), encoding="utf-8")

    def files(self) -> dict[str, tuple[int, bytes]]:
        found = sorted(self.root.rglob("*"))
        return {str(path): (path.stat().st_mode, path.read_bytes() if path.is_file() else b"") for path in found}


def patient(root: Path, source: str, url: str) -> Patient:
    root.mkdir(exist_ok=True)
    made = Patient(root)
    secret = root / "secret"
    secret.touch(mode=0o600)
    secret.write_text(SECRET, encoding="utf-8")
    client = f'client_id = "1.apps.googleusercontent.com"\nclient_secret_file = "{secret}"\n'
    made.config.write_text(
        f"""state_dir = "{root / "state"}"
[accounts.me]
source = "{source}"
{client if source == "google_health" else ""}base_url = "{url}"
data_dir = "{root / "data"}"
prefix = "fitbit"
[archive]
folder = "{root / "archive"}"
""",
        encoding="utf-8",
    )
    made.login.parent.mkdir(parents=True)
    made.login.touch(mode=0o600)
    made.grant(ALL_OF_GOOGLE if source == "google_health" else FITBIT_SCOPES)
    return made


@pytest.fixture
def google(vendors: Vendors, tmp_path: Path) -> Patient:
    return patient(tmp_path / "google", "google_health", vendors.urls["google_health"])


@pytest.fixture
def fitbit(vendors: Vendors, tmp_path: Path) -> Patient:
    return patient(tmp_path / "fitbit", "fitbit_web", vendors.urls["fitbit_web"])


def ill(found: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Give what is not well but for the backup: everything lies on one disk here."""
    return {name: one["status"] for name, one in found.items() if one["status"] != "ok" and name != "backup"}


# --- all is well


@pytest.mark.parametrize("source", ["google_health", "fitbit_web"])
def test_a_right_set_up_is_well_and_stays_as_it_is(source: str, vendors: Vendors, tmp_path: Path) -> None:
    one = patient(tmp_path / "home", source, vendors.urls[source])
    before = one.files()
    found = one.findings(0)
    assert ill(found) == {}
    assert ", ".join(found) == CHECKS.format("api, " if source == "google_health" else "")
    assert found["backup"]["status"] == "warning"
    zone = "Europe/Berlin" if source == "google_health" else "Europe/London"
    assert zone in found["time zone"]["sentence"]
    assert one.files() == before


def test_what_is_looked_at_stays_as_it_is_after_a_collection(vendors: Vendors, tmp_path: Path) -> None:
    made = home(tmp_path / "home", vendors.urls["fitbit_web"], leave_out=HEAVY)
    assert made.collect("2025-10-08").code == 0
    one = Patient(made.root)
    one.login.chmod(0o600)
    one.grant(FITBIT_SCOPES)
    before = one.files()
    found = one.findings(0)
    assert ill(found) == {}
    assert found["tables"]["sentence"] == "dates in the tables: 1"
    assert str(made.state / "ledger.sqlite") in found["ledger"]["sentence"]
    assert one.files() == before


def test_lines_for_pipes_and_a_table_for_a_terminal(google: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = google.doctor().out.splitlines()
    assert len(lines) == 21
    assert lines[0] == f"ok       configuration: {google.config} is right"
    (backup,) = [line for line in lines if "backup" in line.partition(":")[0]]
    assert backup.startswith("warning  backup: the archive is on the same disk")
    assert ' -> put it on another disk, or use store = "s3"' in backup
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    table = google.doctor().out
    assert "\x1b[" in table
    assert "-> put it on another disk" in table


# --- the account at Google


@pytest.mark.parametrize(
    ("account", "check", "words"),
    [
        ("dead_token", "login accepted", ("there is no refresh token", "run cromwelld login --account me")),
        ("api_disabled", "api", ("is not enabled in your Google Cloud project", "console.cloud.google.com")),
        ("not_authorized", "api", ("does not let this project read", "client of your own Google Cloud project")),
        ("not_linked", "account", ("has no Google Health profile", "open the Google Health app")),
        ("not_migrated", "account", ("gives no permission", "move the old Fitbit account to Google")),
        ("no_profile", "account", ("not set up yet", "finish the set-up in the Google Health app")),
    ],
)
def test_each_state_of_the_account_is_one_problem(
    account: Any,  # noqa: ANN401 - the simulator's own words
    check: str,
    words: tuple[str, str],
    vendors: Vendors,
    google: Patient,
) -> None:
    vendors.google = google_health.Options(quota=None, account=account)
    found = google.findings(77)
    assert words[0] in found[check]["sentence"]
    assert words[1] in found[check]["remedy"]
    gates = ["vendor", "login accepted", "api", "account", "identity", "time zone"]
    place = gates.index(check)
    assert [found[name]["status"] for name in gates[:place]] == ["ok"] * place
    assert ill(found) == {check: "problem", **dict.fromkeys(gates[place + 1 :], "skipped")}
    assert found["clock"]["status"] == "ok", "a refusal has a date too"


def test_a_login_that_is_not_the_right_one(vendors: Vendors, google: Patient, fitbit: Patient) -> None:
    vendors.google = google_health.Options(quota=None, bearer="another")
    vendors.fitbit = fitbit_web.Options(quota=None, bearer="another")
    for one in (google, fitbit):
        found = one.findings(77)
        assert found["login accepted"]["status"] == "problem"
        assert found["login accepted"]["remedy"] == "run cromwelld login --account me"
    vendors.google = google_health.Options(quota=None, bearer=TOKEN)
    vendors.fitbit = fitbit_web.Options(quota=None, bearer=TOKEN)
    for one in (google, fitbit):
        assert one.findings(77)["login accepted"]["status"] == "problem", "what was refused is not tried again"
        one.login.write_bytes(one.login.read_bytes() + b"\n")  # another file is another login
        assert one.findings(0)["login accepted"]["status"] == "ok"


# --- permissions


@pytest.mark.parametrize(
    ("box", "costs"),
    [
        ("sleep", "no sleep)"),
        ("location", "no gps)"),
        ("settings", "no devices, time zone)"),
        ("activity_and_fitness", "no steps, vo2_max, "),
        ("health_metrics_and_measurements", "no heart_rate, spo2_intraday, "),
    ],
)
def test_a_box_that_was_not_ticked_costs_its_streams(box: str, costs: str, vendors: Vendors, google: Patient) -> None:
    rest = [f"{one}.readonly" for one in BOXES if one != box]
    google.grant(" ".join(GOOGLE + one for one in rest))
    vendors.google = google_health.Options(quota=None, scopes=frozenset(rest))
    found = google.findings(77)
    assert found["scopes"]["sentence"].startswith("the login does not include ")
    assert f"googlehealth.{box}.readonly (without it: {costs}" in found["scopes"]["sentence"]
    assert f'log in again and tick "{box.replace("_", " ")}" on Google\'s page' == found["scopes"]["remedy"]
    lost = {"scopes": "problem"} | ({"time zone": "problem"} if box == "settings" else {})
    assert ill(found) == lost


def test_what_is_left_out_needs_no_permission(google: Patient) -> None:
    google.grant(ALL_OF_GOOGLE.replace(f"{GOOGLE}location.readonly", ""))
    google.change('prefix = "fitbit"', 'prefix = "fitbit"\nleave_out = ["gps"]')
    assert google.findings(0)["scopes"]["status"] == "ok"


def test_a_login_that_does_not_say_what_was_granted(vendors: Vendors, google: Patient) -> None:
    google.grant(None)
    assert ill(google.findings(0)) == {"scopes": "skipped"}
    vendors.google = google_health.Options(quota=None, scopes=frozenset())
    found = google.findings(77)
    assert "does not include the permission" in found["account"]["sentence"]
    assert "tick every box" in found["account"]["remedy"]


def test_what_fitbit_was_not_allowed_costs_its_streams(vendors: Vendors, fitbit: Patient) -> None:
    fitbit.grant(FITBIT_SCOPES.replace("profile ", "").replace("weight", ""))
    vendors.fitbit = fitbit_web.Options(quota=None, failing={PROFILE: fitbit_web.Failure(status=403)})
    found = fitbit.findings(77)
    assert "weight (without it: no weight); profile (without it: no time zone)" in found["scopes"]["sentence"]
    assert found["scopes"]["remedy"] == "log in again and allow weight, profile on Fitbit's page"
    assert ill(found) == {
        "account": "problem",
        "scopes": "problem",
        "identity": "skipped",
        "time zone": "skipped",
    }


# --- identity and zone


def test_a_vendor_that_does_not_say_who_it_is(vendors: Vendors, google: Patient) -> None:
    vendors.records = Unnamed()
    found = google.findings(1)
    assert ill(found) == {"identity": "problem"}
    assert "does not say who the person is" in found["identity"]["sentence"]


def test_a_zone_that_nobody_knows_and_the_configured_one(vendors: Vendors, google: Patient) -> None:
    vendors.records = Cloud(zone="Mars/Olympus")
    found = google.findings(1)
    assert ill(found) == {"time zone": "problem"}
    assert found["time zone"]["remedy"] == "set timezone in the configuration"
    google.change('prefix = "fitbit"', 'prefix = "fitbit"\ntimezone = "Europe/Rome"')
    assert google.findings(0)["time zone"]["sentence"] == "Europe/Rome, from the configuration"


# --- a vendor that is away


@pytest.mark.parametrize("shape", ["google", "html", "cut"])
def test_a_vendor_that_is_away(shape: Any, vendors: Vendors, google: Patient) -> None:  # noqa: ANN401
    status = 200 if shape == "cut" else 503
    failure = google_health.Failure(status=status, shape=shape)
    vendors.google = google_health.Options(quota=None, failing={IDENTITY: failure})
    found = google.findings(75)
    behind = dict.fromkeys(("login accepted", "api", "account", "identity", "time zone"), "skipped")
    assert ill(found) == {"vendor": "problem", **behind}
    assert found["clock"]["status"] == "ok"


def test_an_address_that_is_not_the_vendors(vendors: Vendors, google: Patient) -> None:
    failure = google_health.Failure(status=404, shape="html")
    vendors.google = google_health.Options(quota=None, failing={IDENTITY: failure})
    found = google.findings(1)
    assert found["vendor"]["status"] == "problem"
    assert found["vendor"]["remedy"] == "check base_url"


def test_a_spent_quota(vendors: Vendors, google: Patient, fitbit: Patient) -> None:
    vendors.google, vendors.fitbit = google_health.Options(quota=0), fitbit_web.Options(quota=0)
    found = google.findings(75)["vendor"]
    assert "quota for this minute is spent" in found["sentence"]
    assert found["remedy"] == "nothing to do: run cromwelld doctor again in 1 min"
    assert "quota is spent" in fitbit.findings(75)["vendor"]["sentence"]


def test_an_api_that_was_switched_off(vendors: Vendors, fitbit: Patient) -> None:
    vendors.fitbit = fitbit_web.Options(quota=None, failing={PROFILE: fitbit_web.Failure(status=410)})
    found = fitbit.findings(75)["vendor"]
    assert "switched this API off" in found["sentence"]
    assert "Google Health API" in found["remedy"]


def test_nobody_listens(tmp_path: Path) -> None:
    one = patient(tmp_path / "home", "google_health", "http://127.0.0.1:9")
    found = one.findings(75)
    assert found["vendor"]["status"] == "problem"
    assert "base_url" in found["vendor"]["remedy"]
    assert found["clock"]["status"] == "skipped"


# --- clocks


@pytest.mark.parametrize(
    ("ahead", "sentence"),
    [
        (dt.timedelta(minutes=4), ""),
        (dt.timedelta(minutes=-4), ""),
        (dt.timedelta(minutes=6), "this machine's clock is 6 min behind the vendor's"),
        (dt.timedelta(hours=-2, minutes=-5), "this machine's clock is 2 h 5 min ahead of the vendor's"),
        (dt.timedelta(days=3), "this machine's clock is 3 d behind the vendor's"),
    ],
)
def test_clocks_that_differ(
    ahead: dt.timedelta, sentence: str, vendors: Vendors, google: Patient, fitbit: Patient
) -> None:
    vendors.ahead = ahead
    for one in (google, fitbit):
        found = one.findings(1 if sentence else 0)
        assert ill(found) == ({"clock": "problem"} if sentence else {})
        assert not sentence or found["clock"]["sentence"] == sentence
        assert not sentence or "timedatectl set-ntp true" in found["clock"]["remedy"]


# --- without asking, without a login, without a configuration


@pytest.mark.parametrize("source", ["google_health", "fitbit_web"])
def test_offline_nothing_is_asked(source: str, tmp_path: Path) -> None:
    one = patient(tmp_path / "home", source, "http://127.0.0.1:9")
    found = one.findings(0, "--offline")
    left_out = {name for name, status in ill(found).items() if status == "skipped"}
    assert left_out == set(list(found)[13:])
    assert {found[name]["sentence"] for name in left_out} == {"left out: --offline"}


def test_without_a_login_the_vendor_and_the_clock_are_looked_at_all_the_same(
    vendors: Vendors, google: Patient, fitbit: Patient
) -> None:
    vendors.ahead = dt.timedelta(hours=1)
    for one in (google, fitbit):
        one.login.unlink()
        found = one.findings(77)
        assert found["login"]["status"] == "problem"
        assert str(one.login) in found["login"]["sentence"]
        assert found["vendor"]["status"] == "ok"
        assert found["clock"]["status"] == "problem"
        remedies = {found[name]["remedy"] for name in ("login", "login accepted", "scopes")}
        assert remedies == {"run cromwelld login --account me"}
        assert not one.login.exists()


def test_a_wrong_configuration_stops_nothing_but_has_to_be_right_first(google: Patient) -> None:
    google.change('prefix = "fitbit"', 'prefix = "fitbit"\nleave_out = ["gsp"]')
    found = google.findings(2)
    assert ill(found) == {"configuration": "problem"}
    assert "no stream gsp" in found["configuration"]["sentence"]
    google.change('prefix = "fitbit"', 'prefix = ""\nnonsense = 1')
    found = google.findings(2)
    assert "accounts.me.nonsense: unknown key" in found["configuration"]["sentence"]
    assert "accounts.me.prefix: " in found["configuration"]["sentence"]
    assert {one["status"] for name, one in found.items() if name != "configuration"} == {"skipped"}


def test_no_configuration_at_all(tmp_path: Path) -> None:
    ran = call("doctor", "--config", tmp_path / "none.toml")
    assert ran.code == 2
    assert f"problem  configuration: there is no settings file {tmp_path / 'none.toml'}" in ran.out


def test_an_account_must_be_named_where_there_are_several(google: Patient) -> None:
    google.change(
        "[archive]", f'[accounts.ann]\nsource = "import"\ndata_dir = "{google.root}/x"\nprefix = "x"\n[archive]'
    )
    ran = google.doctor()
    assert (ran.code, ran.out) == (2, "")
    assert "--account NAME" in ran.err
    assert google.findings(0, "--account", "me")["identity"]["status"] == "ok"
    found = google.findings(0, "--account", "ann")
    assert ill(found).keys() == ASKED | {"exports"}
    assert found["login"]["sentence"] == "none is needed: the data come by exports of Google Takeout"
    assert found["exports"]["remedy"] == "set accounts.ann.import_from, or run cromwelld import"


def test_who_is_at_work_is_named(google: Patient) -> None:
    lock = google.root / "state/lock"
    with held(lock, "cromwelld collect 7d"):
        found = google.findings(0)
        assert found["locks"]["status"] == "warning"
        assert "cromwelld collect 7d" in found["locks"]["sentence"]
    assert google.findings(0)["locks"]["status"] == "ok"


# --- somebody else's folders


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that other users may enter."""
    folder = Path(tempfile.mkdtemp(prefix="cromwelld-test-"))
    folder.chmod(0o755)
    yield folder
    for path in [one for one in folder.rglob("*") if one.is_dir()]:
        path.chmod(0o755)
    shutil.rmtree(folder)


def as_nobody(*command: object) -> subprocess.CompletedProcess[str]:
    """Run Python as a user who owns nothing, or as whoever we are if we are not root."""
    other = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.geteuid() == 0 else []
    words = [*other, sys.executable, *map(str, command)]
    env = environment({"HOME": "/"})
    return subprocess.run(words, env=env, capture_output=True, text=True, timeout=40, check=False)


def test_folders_of_another_user_are_told_with_the_users_name(open_folder: Path) -> None:
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("setpriv is not here")
    if as_nobody("-c", "import cromwelld.cli, pyarrow").returncode != 0:
        pytest.skip("another user may not read this environment")
    one = patient(open_folder / "home", "fitbit_web", "http://127.0.0.1:9")
    one.root.chmod(0o555)
    for path in (one.root / "state", one.root / "data", one.login.parent):
        path.mkdir(exist_ok=True)
        path.chmod(0o555)
    ran = as_nobody("-m", "cromwelld", "doctor", "--offline", "--json", "--config", one.config)
    assert (ran.returncode, ran.stderr) == (77 if os.geteuid() == 0 else 1, "")
    found = {finding["check"]: finding for finding in json.loads(ran.stdout)["findings"]}
    for name in ("state folder", "data folder", "archive", "store"):
        assert found[name]["status"] == "problem"
        assert "Permission denied (user '" in found[name]["sentence"]
        assert "the right to write there" in found[name]["remedy"]
    assert found["login"]["status"] == ("problem" if os.geteuid() == 0 else "ok")
    assert not (one.root / "archive").exists()
