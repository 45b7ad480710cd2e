from __future__ import annotations

import os
import select
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from cromwelld.cli.init import _places
from cromwelld.config import Account, Archive, Schedule, Secret, Settings, load
from cromwelld.config.writing import EXAMPLE, Answers, filled
from tests.support.cli import ROOT, Ran, call, environment

SECRET = "GOCSPX-never-shown-0123456789"
CLIENT = "1234-abcd.apps.googleusercontent.com"
BASIC = ("--yes", "--source", "import")


def init(folder: Path, *more: object) -> Ran:
    return call("init", "--config", folder / "c" / "config.toml", *more)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def folders(root: Path) -> tuple[object, ...]:
    return ("--state-dir", root / "s", "--data-dir", root / "d", "--archive-dir", root / "a")


def expected(root: Path, account: Account, *, refreshed: bool) -> Settings:
    return Settings(
        state_dir=root / "s",
        accounts={account.name: account},
        archive=Archive(folder=root / "a"),
        schedule=Schedule(refresh_today_given=refreshed),
    )


# --- the file


def test_the_text_is_that_of_the_example() -> None:
    assert (ROOT / "config.toml.example").read_text("utf-8") == EXAMPLE


def test_the_example_is_what_its_own_values_give() -> None:
    answers = Answers(
        account="me",
        source="google_health",
        state_dir="/var/lib/cromwelld",
        data_dir="/srv/cromwelld/data",
        archive_folder="/srv/cromwelld/archive",
        timezone="auto",
        client_id="<...apps.googleusercontent.com>",
        client_secret_file="/etc/cromwelld/secrets/google_client_secret",
    )
    assert filled(answers) == EXAMPLE


def test_google_is_written_as_answered(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET, encoding="utf-8")
    more = ("--client-id", CLIENT, "--client-secret-file", secret, "--timezone", "Europe/Berlin", "--account", "ann_2")
    ran = init(tmp_path, "--yes", *folders(tmp_path), *more)
    assert (ran.code, ran.err) == (0, "")
    account = Account(
        name="ann_2",
        client_id=CLIENT,
        client_secret=Secret(path=secret),
        data_dir=tmp_path / "d",
        prefix="cromwell/fitbit",
        timezone="Europe/Berlin",
    )
    assert load(tmp_path / "c/config.toml") == expected(tmp_path, account, refreshed=True)
    text = (tmp_path / "c/config.toml").read_text("utf-8")
    assert SECRET not in text
    assert [line for line in EXAMPLE.splitlines() if line.startswith("# ")] == [
        line for line in text.splitlines() if line.startswith("# ")
    ]
    assert mode(tmp_path / "c/config.toml") == 0o600
    assert names(tmp_path / "c") == ["config.toml"]
    assert not any((tmp_path / name).exists() for name in "sda"), "folders are made when they are needed"
    for command in ("login", "doctor", "collect 7d"):
        assert f"  cromwelld {command} --config {tmp_path / 'c/config.toml'}" in ran.out


def test_a_gateway_is_written_as_answered(tmp_path: Path) -> None:
    ran = init(
        tmp_path, "--yes", "--source", "fitbit_web", "--base-url", "https://gateway.example.org/", *folders(tmp_path)
    )
    assert (ran.code, ran.err) == (0, "")
    account = Account(
        name="me",
        source="fitbit_web",
        data_dir=tmp_path / "d",
        prefix="cromwell/fitbit",
        base_url="https://gateway.example.org",
    )
    settings = load(tmp_path / "c/config.toml")
    assert settings == expected(tmp_path, account, refreshed=False)
    assert settings.schedule.refresh_s("fitbit_web") is None, "its budget is too small to be asked through the day"


def test_the_vendors_own_address_stays_a_comment(tmp_path: Path) -> None:
    assert init(tmp_path, "--yes", "--source", "fitbit_web", *folders(tmp_path)).code == 0
    assert load(tmp_path / "c/config.toml").accounts["me"].base_url is None


def test_takeout_is_written_as_answered(tmp_path: Path) -> None:
    ran = init(tmp_path, *BASIC, *folders(tmp_path))
    assert (ran.code, ran.err) == (0, "")
    account = Account(name="me", source="import", data_dir=tmp_path / "d", prefix="cromwell/fitbit")
    assert load(tmp_path / "c/config.toml") == expected(tmp_path, account, refreshed=False)
    assert "login" not in ran.out


@pytest.mark.parametrize("name", ["with space", 'quote"d', "back\\slash", "ümläut 数", "# no comment", "a = 'b'", "]["])
def test_odd_names_of_folders_come_back_as_they_were(name: str, tmp_path: Path) -> None:
    ran = init(tmp_path, *BASIC, *folders(tmp_path / name))
    assert (ran.code, ran.err) == (0, "")
    settings = load(tmp_path / "c/config.toml")
    assert settings.state_dir == tmp_path / name / "s"
    assert settings.archive.folder == tmp_path / name / "a"
    assert settings.accounts["me"].data_dir == tmp_path / name / "d"


def test_a_folder_that_is_no_full_path_lies_where_the_person_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert init(tmp_path, *BASIC, "--state-dir", "s", "--data-dir", "~/d", "--archive-dir", "x/../a").code == 0
    settings = load(tmp_path / "c/config.toml")
    assert (settings.state_dir, settings.archive.folder) == (tmp_path / "s", tmp_path / "a")
    assert settings.accounts["me"].data_dir == tmp_path / "home/d"


def test_a_person_has_everything_in_their_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", str(tmp_path))
    ran = call("init", *BASIC)
    assert (ran.code, ran.err) == (0, "")
    assert "--config" not in ran.out, "the other commands find it"
    settings = load(tmp_path / ".config/cromwelld/config.toml")
    assert settings.state_dir == tmp_path / "cromwelld/state"
    assert settings.archive.folder == tmp_path / "cromwelld/archive"
    assert settings.accounts["me"].data_dir == tmp_path / "cromwelld/data"


def test_root_has_everything_where_servers_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert _places(None, {"HOME": str(tmp_path)}).config == Path("/etc/cromwelld/config.toml")
    assert init(tmp_path, *BASIC).code == 0
    settings = load(tmp_path / "c/config.toml")
    assert settings.state_dir == Path("/var/lib/cromwelld")
    assert settings.archive.folder == Path("/srv/cromwelld/archive")
    assert settings.accounts["me"].data_dir == Path("/srv/cromwelld/data")


def test_the_variable_says_where_the_others_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CROMWELLD_CONFIG", str(tmp_path / "mine.toml"))
    assert call("init", *BASIC, *folders(tmp_path)).code == 0
    assert call("check-config").code == 0


# --- what is refused


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_what_is_there_is_never_overwritten(kind: str, tmp_path: Path) -> None:
    target = tmp_path / "c/config.toml"
    target.parent.mkdir()
    if kind == "file":
        target.write_text("precious", encoding="utf-8")
    elif kind == "folder":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / "nowhere")
    ran = init(tmp_path, *BASIC, *folders(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert f"{target} is there already and is not overwritten" in ran.err
    assert not (tmp_path / "nowhere").exists()
    assert kind != "file" or target.read_text("utf-8") == "precious"


def test_without_a_terminal_what_is_missing_is_named(tmp_path: Path) -> None:
    ran = init(tmp_path, "--account", "ann")
    assert (ran.code, ran.out) == (2, "")
    missing = "--source, --client-id, --client-secret-file, --data-dir, --archive-dir, --state-dir, --timezone"
    assert f"nobody is there to answer: {missing}\n" in ran.err
    assert "--yes" in ran.err
    ran = init(tmp_path, "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert "nobody is there to answer: --client-id, --client-secret-file\n" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "answer", "allowed"),
    [
        ("--source", "garmin", '"google_health", "import" or "fitbit_web"'),
        ("--account", "Ann", "the letters a-z"),
        ("--account", "", "the letters a-z"),
        ("--timezone", "Europe/Berlim", "Europe/Berlin"),
        ("--base-url", "gateway", "https://gateway.example.org"),
        ("--client-id", SECRET, ".apps.googleusercontent.com"),
        ("--client-id", " ", "text on one line"),
        ("--data-dir", "/a\nb", "text on one line"),
        ("--client-secret-file", "credential:a/b", "credential:NAME"),
    ],
)
def test_a_wrong_answer_names_its_option_and_what_is_allowed(
    option: str, answer: str, allowed: str, tmp_path: Path
) -> None:
    ran = init(tmp_path, "--yes", option, answer)
    assert (ran.code, ran.out) == (2, "")
    assert f"{option}: " in ran.err
    assert allowed in ran.err
    assert SECRET not in ran.err
    assert list(tmp_path.iterdir()) == []


def test_the_file_that_google_gives_is_no_secret(tmp_path: Path) -> None:
    given = tmp_path / "client_secret.json"
    given.write_text('{"installed": {"client_secret": "' + SECRET + '"}}', encoding="utf-8")
    ran = init(tmp_path, "--yes", "--client-id", CLIENT, "--client-secret-file", given)
    assert (ran.code, ran.out) == (2, "")
    assert "client_secret" in ran.err
    assert SECRET not in ran.err


def test_a_secret_that_is_still_to_be_written_is_said(tmp_path: Path) -> None:
    place = tmp_path / "later"
    ran = init(tmp_path, "--yes", "--client-id", CLIENT, "--client-secret-file", place, *folders(tmp_path))
    assert ran.code == 0
    assert f"Write the client's secret to {place}" in ran.out


def test_a_credential_of_a_service_is_taken(tmp_path: Path) -> None:
    more = ("--client-id", CLIENT, "--client-secret-file", "credential:google", *folders(tmp_path))
    assert init(tmp_path, "--yes", *more).code == 0
    assert load(tmp_path / "c/config.toml").accounts["me"].client_secret == Secret(credential="google")


def test_folders_within_each_other_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    more = ("--state-dir", tmp_path / "d/s", "--data-dir", tmp_path / "d", "--archive-dir", tmp_path / "a")
    ran = init(tmp_path, *BASIC, *more)
    assert (ran.code, ran.out) == (2, "")
    assert "has state_dir within it" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("a file in the way", encoding="utf-8")
    ran = init(tmp_path, *BASIC, *folders(tmp_path))
    assert (ran.code, ran.out) == (1, "")
    assert names(tmp_path) == ["c"]


# --- on a terminal


class Terminal:
    """A person at a terminal, who answers when they are asked."""

    def __init__(self, *arguments: object) -> None:
        self._mine, theirs = os.openpty()
        command = [sys.executable, "-m", "cromwelld", "init", *map(str, arguments)]
        self.seen = ""
        self._heard = 0
        self._program = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(), start_new_session=True
        )
        os.close(theirs)

    def answers(self, dialogue: Sequence[tuple[str, str]]) -> None:
        for asked, answer in dialogue:
            self._read_until(asked)
            os.write(self._mine, answer.encode())

    def _read_until(self, words: str) -> None:
        deadline = time.monotonic() + 20
        while words not in self.seen[self._heard :]:
            if not select.select([self._mine], [], [], max(0.0, deadline - time.monotonic()))[0]:
                self._program.kill()
                self._program.wait()
                pytest.fail(f"never asked {words!r}: {self.seen}")
            self.seen += os.read(self._mine, 4096).decode()
        self._heard = self.seen.index(words, self._heard) + len(words)

    def ends(self) -> int:
        with self._program:
            try:
                while chunk := os.read(self._mine, 4096):
                    self.seen += chunk.decode()
            except OSError:
                pass  # the other end is closed
            code = self._program.wait(20)
        os.close(self._mine)
        assert "Traceback" not in self.seen, self.seen
        return code


def test_a_person_is_asked_and_the_secret_is_neither_shown_nor_in_the_configuration(tmp_path: Path) -> None:
    terminal = Terminal("--config", tmp_path / "c/config.toml", "--state-dir", tmp_path / "s")
    terminal.answers(
        [
            ("source [google_health]: ", "garmin\n"),
            ('allowed: "google_health", "import" or "fitbit_web"', ""),
            ("source [google_health]: ", "\n"),
            ("account [me]: ", "ann\n"),
            ("client id: ", f"{SECRET}\n"),
            ("found the client's secret", ""),
            ("client id: ", f" {CLIENT} \n"),
            ("client secret (not shown): ", f"{SECRET}\n"),
            ("tables [", f"{tmp_path / 'd'}\n"),
            ("archive [", f"{tmp_path / 'a'}\n"),
            ("time zone [auto]: ", "Europe/Berlin\n"),
        ]
    )
    assert terminal.ends() == 0
    asked_in_vain = terminal.seen.partition("client id: ")[2].partition("client id: ")
    assert SECRET in asked_in_vain[0], "a terminal shows what is typed, but for"
    assert SECRET not in asked_in_vain[2], "the answer to the question that asks for the secret"
    settings = load(tmp_path / "c/config.toml")
    secret = tmp_path / "c/google_client_secret"
    account = Account(
        name="ann",
        client_id=CLIENT,
        client_secret=Secret(path=secret),
        data_dir=tmp_path / "d",
        prefix="cromwell/fitbit",
        timezone="Europe/Berlin",
    )
    assert settings == expected(tmp_path, account, refreshed=True)
    assert secret.read_text("utf-8").strip() == SECRET
    assert SECRET not in (tmp_path / "c/config.toml").read_text("utf-8")
    assert (mode(secret), mode(tmp_path / "c/config.toml")) == (0o600, 0o600)
    assert names(tmp_path / "c") == ["config.toml", "google_client_secret"]
    assert "google_health  a Google Cloud project" in terminal.seen
    assert "\nNext:" in terminal.seen.replace("\r", "")


def test_a_secret_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "google_client_secret").write_text("precious", encoding="utf-8")
    terminal = Terminal("--config", tmp_path / "config.toml", "--client-id", CLIENT, *folders(tmp_path))
    terminal.answers([("source [", "\n"), ("account [", "\n")])
    assert terminal.ends() == 2
    assert "--client-secret-file" in terminal.seen
    assert names(tmp_path) == ["google_client_secret"]
    assert (tmp_path / "google_client_secret").read_text("utf-8") == "precious"


def test_who_leaves_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    terminal = Terminal("--config", tmp_path / "c/config.toml")
    terminal.answers([("source [", "import\n"), ("account [", "\x04")])
    assert terminal.ends() == 130
    assert list(tmp_path.iterdir()) == []
