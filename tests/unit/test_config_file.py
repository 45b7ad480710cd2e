"""Which settings file is taken, what is said when it cannot be, and the secrets beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cromwelld.config import Secret, file, find, load, read_secret
from cromwelld.errors import ConfigurationError

TEXT = '[accounts.me]\nsource = "import"\ndata_dir = "/d"\nprefix = "p"\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(file, "SYSTEM_FILE", tmp_path / "etc" / "config.toml")
    return tmp_path / "home"


def write(path: Path, content: bytes = TEXT.encode()) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_search_goes_from_the_nearest_to_the_farthest(home: Path) -> None:
    environ = {"HOME": str(home)}
    system = write(file.SYSTEM_FILE)
    assert find(None, environ) == system
    own = write(home / ".config/cromwelld/config.toml")
    assert find(None, environ) == own
    assert find(None, environ | {"CROMWELLD_CONFIG": "/named/by/variable"}) == Path("/named/by/variable")
    assert find(Path("given"), environ | {"CROMWELLD_CONFIG": "/named/by/variable"}) == Path("given")


def test_an_empty_variable_names_nothing(home: Path) -> None:
    system = write(file.SYSTEM_FILE)
    assert find(None, {"HOME": str(home), "CROMWELLD_CONFIG": ""}) == system


def test_nothing_found_says_where_it_looked(home: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        find(None, {"HOME": str(home)})
    assert str(home / ".config/cromwelld/config.toml") in caught.value.message
    assert str(file.SYSTEM_FILE) in caught.value.message
    assert caught.value.hint == "run cromwelld init, which writes it, or name yours with --config FILE"


def test_a_good_file_is_loaded(tmp_path: Path) -> None:
    assert list(load(write(tmp_path / "c.toml")).accounts) == ["me"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no settings file {path}"),
        (b"\xff\xfe", "the settings file {path} is not UTF-8 text"),
        (b"a = 1", "{path} has 2 mistakes"),
        (TEXT.encode() + b"x = 1", "{path} has 1 mistake"),
        (b"=", "{path} is not TOML"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "c.toml"
    if content is not None:
        write(path, content)
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert caught.value.message == message.format(path=path)
    assert caught.value.hint


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path)


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "s", b" hunter2\n")
    assert read_secret(Secret(path=path), {}) == "hunter2"


def test_a_credential_is_read_where_the_service_manager_puts_it(tmp_path: Path) -> None:
    write(tmp_path / "smtp", b"hunter2")
    assert read_secret(Secret(credential="smtp"), {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == "hunter2"


def test_a_credential_outside_a_service_has_a_remedy() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_secret(Secret(credential="smtp"), {})
    assert "-p LoadCredential=secret:/etc/cromwelld/secrets" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("secret_s3_access_key", "write the secret to /etc/cromwelld/secrets/s3_access_key, readable only by root"),
        ("mine", "add LoadCredential=mine:PATH to the unit"),
    ],
)
@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "cannot be read"), (b"", "is empty"), (b"\xff", "is not text")]
)
def test_a_credential_that_was_not_handed_over_names_where_to_write_it(
    tmp_path: Path, name: str, remedy: str, content: bytes | None, sentence: str
) -> None:
    if content is not None:
        write(tmp_path / name, content)
    with pytest.raises(ConfigurationError, match=f"the credential {name} {sentence}") as caught:
        read_secret(Secret(credential=name), {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert caught.value.hint.startswith(remedy)
    assert "start cromwelld again" in caught.value.hint
    assert str(tmp_path) not in str(caught.value)  # gone when the service is


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "cannot be read"), (b" \n", "is empty"), (b"hunter2\xff", "is not text")]
)
def test_a_secret_that_is_not_there_is_named_and_not_shown(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    path = tmp_path / "s"
    if content is not None:
        write(path, content)
    with pytest.raises(ConfigurationError) as caught:
        read_secret(Secret(path=path), {})
    assert str(path) in caught.value.message
    assert sentence in caught.value.message
    assert "hunter2" not in repr((caught.value.args, caught.value.hint, caught.value.__cause__))
