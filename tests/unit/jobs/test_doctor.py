from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from cromwelld.archive.names import date_of
from cromwelld.config import Account, Archive, Secret, Settings, Stay
from cromwelld.disk import user
from cromwelld.errors import (
    BadAnswer,
    ConfigurationError,
    FarSideAway,
    LoginNeeded,
    NotWritable,
    OutOfBudget,
    PersonNeeded,
    Refused,
)
from cromwelld.jobs.doctor import (
    FARS,
    Bucket,
    Case,
    Finding,
    Login,
    Replies,
    Result,
    Status,
    Unasked,
    examine,
    exit_code,
    of_error,
)
from cromwelld.locks import held
from cromwelld.outbox import Outbox
from cromwelld.pieces import Answer, Outcome
from cromwelld.state import Ledger

NOW = dt.datetime(2025, 10, 12, 9, tzinfo=dt.UTC)
GB = 1_000_000_000
OK, WARNING, PROBLEM, SKIPPED = Status.OK, Status.WARNING, Status.PROBLEM, Status.SKIPPED
LEAVE_OUT = ("gps",)
DISKS = (Path("/dev/shm"), Path("/var/tmp"))  # noqa: S108 - whichever is not the disk of the tests


class Disk(NamedTuple):
    total: int
    used: int
    free: int


def secret_file(root: Path, content: str = "GOCSPX-1") -> Path:
    path = root / "secret"
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")
    return path


def case_in(root: Path) -> Case:
    """Lay out an account in which all is well."""
    account = Account(
        name="me",
        client_id="1",
        client_secret=Secret(path=secret_file(root)),
        data_dir=root / "data",
        prefix="cromwell/fitbit",
    )
    login = root / "state/tokens/me.json"
    login.parent.mkdir(parents=True)
    login.touch(mode=0o600)
    far = FARS["google_health"]
    return Case(
        config=root / "config.toml",
        settings=Settings(state_dir=root / "state", accounts={"me": account}, archive=Archive(folder=root / "archive")),
        account=account,
        mistake=None,
        login=Login(file=login, granted=frozenset(far.costs)),
        log_in="log in so",
        far=far,
        replies=Replies(
            identity=b'{"healthUserId": "1"}', settings=b'{"timeZone": "Europe/Rome"}', ahead=dt.timedelta()
        ),
        clock=lambda: NOW,
    )


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return case_in(tmp_path)


def found(case: Case, check: str) -> Finding:
    (finding,) = [one.finding for one in examine(case) if one.check == check]
    assert bool(finding.remedy) == (finding.status is not OK)
    assert (finding.code != 0) == (finding.status is PROBLEM)
    return finding


def tree(root: Path) -> list[str]:
    return sorted(str(path) for path in root.rglob("*"))


def test_all_is_well(case: Case) -> None:
    results = examine(case)
    assert {one.check: one.finding.status for one in results if one.finding.status is not OK} == {"backup": WARNING}
    assert exit_code(results) == 0
    assert len(results) == 21


def test_every_check_is_made_whatever_the_others_find(case: Case) -> None:
    Path(case.settings.state_dir / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    ill = replace(
        case,
        mistake=ConfigurationError("wrong", hint="right it"),
        login=LoginNeeded("none"),
        replies=Replies(identity=FarSideAway("away"), settings=FarSideAway("away"), ahead=dt.timedelta(days=-1)),
    )
    results = examine(ill)
    assert [one.check for one in results] == [one.check for one in examine(case)]
    problems = {one.check for one in results if one.finding.status is PROBLEM}
    assert problems == {"configuration", "ledger", "login", "clock", "vendor"}
    assert all(one.finding.remedy for one in results if one.finding.status is not OK)


# --- the exit code


@pytest.mark.parametrize(
    ("codes", "expected"),
    [((), 0), ((1,), 1), ((75, 1), 75), ((1, 75, 77), 77), ((77, 2, 75), 2)],
)
def test_the_exit_code_is_what_must_be_done_first(codes: tuple[int, ...], expected: int) -> None:
    ill = [Result("x", Finding(status=PROBLEM, sentence="x", remedy="y", code=code)) for code in codes]
    others = [Result("x", Finding(status=status, sentence="x")) for status in (OK, WARNING, SKIPPED)]
    assert exit_code([*others, *ill]) == expected


@pytest.mark.parametrize(
    ("err", "code", "remedy"),
    [
        (NotWritable("no", hint="give it room"), 1, "give it room"),
        (LoginNeeded("no", hint="log in"), 77, "log in"),
        (PersonNeeded("no", hint="do it"), 77, "do it"),
        (Refused("no", hint="grant it"), 77, "grant it"),
        (ConfigurationError("no", hint="right it"), 2, "right it"),
        (OutOfBudget("no", retry_after_s=601), 75, "nothing to do: run cromwelld doctor again in 11 min"),
        (FarSideAway("no"), 75, "see whether this machine is online"),
        (BadAnswer("no"), 1, "run cromwelld doctor again"),
    ],
)
def test_an_error_becomes_a_problem_with_its_hint(err: Refused, code: int, remedy: str) -> None:
    finding = of_error(err)
    assert (finding.status, finding.sentence, finding.code) == (PROBLEM, "no", code)
    assert finding.remedy.startswith(remedy)
    assert of_error(err, "better").remedy == "better"


# --- configuration and secrets


def test_the_configuration_is_right_wrong_or_deserves_a_word(case: Case) -> None:
    assert found(case, "configuration").sentence == f"{case.config} is right"
    finding = found(replace(case, mistake=ConfigurationError("no such stream", hint="right it")), "configuration")
    assert (finding.status, finding.code, finding.remedy) == (PROBLEM, 2, "right it")
    account = replace(
        case.account, base_url="http://gateway.example.org", lived_in=(Stay(first=NOW.date(), timezone="UTC"),)
    )
    plain = replace(case.settings, accounts={"me": account})
    finding = found(replace(case, settings=plain), "configuration")
    assert finding.status is WARNING
    assert finding.sentence == "accounts.me.base_url: what is sent there can be read on the way"
    assert finding.remedy == "use https"


@pytest.mark.parametrize(
    ("content", "sentence"), [("", "is empty"), ('{"installed": {}}', "holds JSON"), (None, "cannot be read")]
)
def test_a_client_secret_that_is_none(content: str | None, sentence: str, case: Case, tmp_path: Path) -> None:
    if content is None:
        (tmp_path / "secret").unlink()
    else:
        secret_file(tmp_path, content)
    finding = found(case, "client secret")
    assert (finding.status, finding.code) == (PROBLEM, 2)
    assert f"{tmp_path / 'secret'} {sentence}" in finding.sentence


def test_a_client_secret_that_others_can_read(case: Case, tmp_path: Path) -> None:
    (tmp_path / "secret").chmod(0o640)
    finding = found(case, "client secret")
    assert (finding.status, finding.remedy) == (WARNING, f"chmod 600 {tmp_path / 'secret'}")


def test_a_credential_is_looked_for_where_the_service_has_it(case: Case, tmp_path: Path) -> None:
    account = replace(case.account, client_secret=Secret(credential="secret"))
    assert found(replace(case, account=account), "client secret").status is PROBLEM
    there = replace(case, account=account, environ={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert found(there, "client secret").status is OK
    assert found(replace(case, account=replace(account, client_secret=None)), "client secret").status is OK


def test_a_login_is_there_missing_or_open_to_others(case: Case) -> None:
    assert found(case, "login").status is OK
    finding = found(replace(case, login=LoginNeeded("there is none", hint="a lesser remedy")), "login")
    assert (finding.status, finding.code, finding.remedy) == (PROBLEM, 77, "log in so")
    assert isinstance(case.login, Login)
    case.login.file.chmod(0o604)
    finding = found(case, "login")
    assert (finding.status, finding.remedy) == (WARNING, f"chmod 600 {case.login.file}")
    assert found(replace(case, far=None, login=LoginNeeded("none")), "login").status is OK


# --- folders


PLACES: dict[str, Callable[[Path], Path]] = {
    "state folder": lambda root: root / "state",
    "data folder": lambda root: root / "data",
    "archive": lambda root: root / "archive",
}


@pytest.mark.parametrize("check", PLACES)
def test_a_folder_is_there_or_can_be_made(check: str, case: Case, tmp_path: Path) -> None:
    folder = PLACES[check](tmp_path)
    shutil.rmtree(folder, ignore_errors=True)
    sentence = found(replace(case, login=LoginNeeded("none")), check).sentence
    assert sentence.startswith(f"{folder} is made when it is needed, by {user()}; ")
    assert not folder.exists()
    folder.mkdir()
    assert found(case, check).sentence.startswith(f"{folder}: {user()} can write there; ")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("check", PLACES)
def test_a_folder_that_cannot_be_had(check: str, case: Case, tmp_path: Path) -> None:
    folder = PLACES[check](tmp_path)
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("in the way", encoding="utf-8")
    finding = found(replace(case, login=LoginNeeded("none")), check)
    assert (finding.status, finding.code) == (PROBLEM, 1)
    assert f"cannot write {folder}" in finding.sentence
    assert f"user {user()!r}" in finding.sentence


def test_a_disk_that_is_nearly_full(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(100 * GB, 99 * GB, GB))
    assert found(case, "state folder").status is OK
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Disk(100 * GB, 99 * GB, GB - 1))
    finding = found(case, "state folder")
    assert finding.status is WARNING
    assert finding.sentence.startswith(f"{case.settings.state_dir}: only 1.0 GB free")


def test_tables_of_another_program(case: Case, tmp_path: Path) -> None:
    assert found(case, "tables").sentence == "there are no tables yet"
    (tmp_path / "data").mkdir()
    (tmp_path / "data/gps.parquet").write_bytes(b"PAR1")
    finding = found(case, "tables")
    assert (finding.status, finding.code) == (PROBLEM, 1)
    assert "another program" in finding.sentence
    assert "compile --all" in finding.remedy
    (tmp_path / "data/compilation_state.json").write_bytes(b"{")
    assert "damaged" in found(case, "tables").sentence


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    here = tmp_path.stat().st_dev
    disk = next((one for one in DISKS if one.is_dir() and one.stat().st_dev != here), None)
    if disk is None:
        pytest.skip("there is no second disk here")
    folder = disk / f"cromwelld-{os.getpid()}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_two_folders_on_one_disk_are_no_backup(case: Case, elsewhere: Path) -> None:
    finding = found(case, "backup")
    assert finding.status is WARNING
    assert "on the same disk as accounts.me.data_dir, so it is not a backup" in finding.sentence
    assert "another disk" in finding.remedy
    assert (
        found(replace(case, settings=replace(case.settings, archive=Archive(folder=elsewhere))), "backup").status is OK
    )


def test_an_archive_in_a_bucket_is_what_the_bucket_said(case: Case) -> None:
    bucket = Bucket.refused(FarSideAway("s3://days: nobody there", hint="wait"))
    other = replace(case, settings=replace(case.settings, archive=Archive(store="s3", bucket="days")), bucket=bucket)
    assert [found(other, name).status for name in ("archive", "backup", "store")] == [PROBLEM, OK, SKIPPED]
    assert found(other, "archive").code == FarSideAway.exit_code
    assert found(other, "archive").remedy == "wait"


# --- locks, store, ledger, outbox


@pytest.mark.parametrize("lock", ["state/lock", "data/.tmp/lock"])
def test_who_holds_a_lock_is_named_and_a_dead_one_is_not(lock: str, case: Case, tmp_path: Path) -> None:
    with held(tmp_path / lock, "cromwelld collect 7d"):
        finding = found(case, "locks")
    assert finding.status is WARNING
    assert f"cromwelld collect 7d (process {os.getpid()})" in finding.sentence
    assert found(case, "locks").status is OK
    (tmp_path / lock).write_text('{"pid": 1, "what": "killed long ago"}', encoding="utf-8")
    assert found(case, "locks").status is OK


def test_an_object_is_written_and_taken_away_again(case: Case, tmp_path: Path) -> None:
    before = tree(tmp_path)
    assert str(tmp_path / "archive/cromwell/fitbit") in found(case, "store").sentence
    assert tree(tmp_path) == before, "folders that were made for it are gone"
    (tmp_path / "archive/cromwell/fitbit").mkdir(parents=True)
    (tmp_path / "archive/cromwell/fitbit/fitbit_backup_2025-10-08.json.gz").write_bytes(b"x")
    before = tree(tmp_path)
    assert found(case, "store").status is OK
    assert tree(tmp_path) == before


def test_the_object_is_no_date(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    keep = Path.replace

    def seen(self: Path, target: Path) -> Path:
        written.append(target)
        return keep(self, target)

    monkeypatch.setattr(Path, "replace", seen)
    assert found(case, "store").status is OK
    (name,) = {path.name for path in written if path.is_relative_to(tmp_path / "archive")}
    assert date_of(name) is None


def test_a_store_that_takes_nothing_or_gives_back_something_else(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "archive/cromwell").mkdir(parents=True)
    (tmp_path / "archive/cromwell/fitbit").write_text("in the way", encoding="utf-8")
    finding = found(case, "store")
    assert (finding.status, finding.code) == (PROBLEM, 1)
    (tmp_path / "archive/cromwell/fitbit").unlink()
    before = tree(tmp_path)
    keep = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: keep(path)[:-1] if path.suffix == ".probe" else keep(path))
    finding = found(case, "store")
    assert (finding.status, finding.remedy) == (PROBLEM, "see to that disk")
    assert tree(tmp_path) == before


def test_the_ledger_opens_or_does_not(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "state/ledger.sqlite"
    assert found(case, "ledger").status is OK
    assert not path.exists()
    Ledger(path).close()
    assert found(case, "ledger").sentence == f"{path} opens"
    with sqlite3.connect(path) as later:
        later.execute("PRAGMA user_version = 99")
    later.close()
    assert "newer version" in found(case, "ledger").sentence
    path.write_bytes(b"no ledger" * 1000)
    finding = found(case, "ledger")
    assert (finding.status, finding.code) == (PROBLEM, 1)
    assert "damaged" in finding.sentence


@pytest.mark.parametrize(
    ("date", "status", "sentence"),
    [
        (dt.date(2025, 10, 12), OK, "answers that wait for the end of their date: 2"),
        (dt.date(2025, 10, 11), OK, "answers that wait for the end of their date: 2"),
        (dt.date(2025, 10, 10), WARNING, "answers that wait to be stored: 2, of dates that are over: 1"),
    ],
)
def test_what_waits_is_counted(date: dt.date, status: Status, sentence: str, case: Case, tmp_path: Path) -> None:
    assert found(case, "outbox").sentence == "nothing waits"
    box = Outbox(tmp_path / "state/outbox/me")
    box.put([Answer(stream=stream, date=date, outcome=Outcome.EMPTY) for stream in ("sleep", "weight")])
    finding = found(case, "outbox")
    assert (finding.status, finding.sentence) == (status, sentence)


def test_a_folder_that_may_not_be_read_is_named(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    box = case.settings.state_dir / "outbox/me"
    box.mkdir(parents=True)

    def closed(self: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", closed)
    finding = found(case, "outbox")
    assert (finding.status, finding.code) == (PROBLEM, 1)
    assert finding.sentence == f"{box} cannot be looked at: Permission denied"


# --- what rests on answers


@pytest.mark.parametrize(
    ("ahead_s", "sentence"),
    [
        (300, ""),
        (-300, ""),
        (301, "this machine's clock is 5 min ahead of the vendor's"),
        (-3 * 3600 - 59, "this machine's clock is 3 h 1 min behind the vendor's"),
        (86_400 * 400 + 7200, "this machine's clock is 400 d 2 h ahead of the vendor's"),
    ],
)
def test_five_minutes_are_enough(ahead_s: int, sentence: str, case: Case) -> None:
    assert isinstance(case.replies, Replies)
    finding = found(replace(case, replies=replace(case.replies, ahead=dt.timedelta(seconds=ahead_s))), "clock")
    assert finding.status is (PROBLEM if sentence else OK)
    assert not sentence or finding.sentence == sentence


@pytest.mark.parametrize("body", [b"{}", b'{"healthUserId": ""}', b'{"healthUserId": {"a": 1}}', b"[]", b"{"])
def test_an_identity_that_is_none(body: bytes, case: Case) -> None:
    assert isinstance(case.replies, Replies)
    assert found(case, "identity").status is OK
    assert found(replace(case, replies=replace(case.replies, identity=body)), "identity").status is PROBLEM


@pytest.mark.parametrize(
    ("profile", "identity", "zone"),
    [
        (b'{"user": {"encodedId": "ABC", "timezone": "Europe/Rome"}}', OK, OK),
        (b'{"user": {"timezone": "Europe/Rome"}}', PROBLEM, OK),
        (b'{"user": {"encodedId": "ABC"}}', OK, PROBLEM),
        (b'{"user": 1}', PROBLEM, PROBLEM),
    ],
)
def test_what_fitbits_profile_says(profile: bytes, identity: Status, zone: Status, case: Case) -> None:
    fitbit = replace(case, far=FARS["fitbit_web"], replies=Replies(identity=profile, settings=profile))
    assert (found(fitbit, "identity").status, found(fitbit, "time zone").status) == (identity, zone)
    assert "ABC" not in str(examine(fitbit))


def test_a_permission_counts_only_for_what_is_asked(case: Case) -> None:
    assert isinstance(case.login, Login)
    assert case.login.granted is not None
    location = "https://www.googleapis.com/auth/googlehealth.location.readonly"
    without = replace(case, login=replace(case.login, granted=case.login.granted - {location}))
    finding = found(without, "scopes")
    assert (finding.status, finding.code) == (PROBLEM, 77)
    assert finding.sentence == "the login does not include googlehealth.location.readonly (without it: no gps)"
    assert found(replace(without, account=replace(case.account, leave_out=LEAVE_OUT)), "scopes").status is OK


def test_a_time_zone_is_no_loss_where_it_is_configured(case: Case) -> None:
    fitbit = FARS["fitbit_web"]
    login = Login(file=case.config, granted=frozenset(fitbit.costs))
    one = replace(case, far=fitbit, login=login)
    assert "profile (without it: no time zone)" in found(one, "scopes").sentence
    assert found(replace(one, account=replace(case.account, timezone="Europe/Rome")), "scopes").status is OK


def test_nobody_is_asked(case: Case) -> None:
    asked = ("clock", "vendor", "login accepted", "api", "account", "scopes", "identity", "time zone")
    silent = replace(case, replies=Unasked("left out", "ask"))
    assert {found(silent, name).sentence for name in asked} == {"left out"}
    assert {found(replace(case, far=None), name).status for name in asked} == {SKIPPED}
