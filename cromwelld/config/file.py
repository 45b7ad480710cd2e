"""Where the settings file lies, and its text turned into settings or into the list of all its mistakes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from cromwelld.config import reading, rules
from cromwelld.config.model import Settings
from cromwelld.config.section import Mistakes, Section
from cromwelld.disk import user
from cromwelld.errors import ConfigurationError

VARIABLE = "CROMWELLD_CONFIG"
HOME_FILE = Path(".config/cromwelld/config.toml")
SYSTEM_FILE = Path("/etc/cromwelld/config.toml")
CHECK_HINT = "correct the file, then run: cromwelld check-config"
FIND_HINT = "run cromwelld init, which writes it, or name yours with --config FILE"


def parse(text: str, origin: str) -> Settings:
    """Turn the text of config.toml into settings; `origin` is what the file is called in messages.

    Raises: ConfigurationError with every mistake, one a line: the key, what was found, what is allowed.
    """
    try:
        document = tomllib.loads(text)
    except ValueError as err:  # a TOMLDecodeError, or a number of more digits than Python reads
        raise ConfigurationError(f"{origin} is not TOML", problems=(_syntax(err),), hint=CHECK_HINT) from err
    mistakes = Mistakes()
    found = reading.settings(Section("", document, mistakes), mistakes)
    rules.check(found, mistakes)
    if mistakes.lines:
        count = f"{len(mistakes.lines)} mistake{'s' if len(mistakes.lines) > 1 else ''}"
        raise ConfigurationError(f"{origin} has {count}", problems=mistakes.lines, hint=CHECK_HINT)
    return found


def load(path: Path) -> Settings:
    """Read the settings from a file.

    Raises: ConfigurationError as `parse`, or when the file cannot be read.
    """
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError as err:
        raise ConfigurationError(f"there is no settings file {path}", hint=FIND_HINT) from err
    except PermissionError as err:
        hint = f"let the user {user()} read it"
        raise ConfigurationError(f"the settings file {path} may not be read", hint=hint) from err
    except OSError as err:
        raise ConfigurationError(f"the settings file {path} cannot be read: {err.strerror}", hint=FIND_HINT) from err
    except UnicodeDecodeError as err:
        raise ConfigurationError(f"the settings file {path} is not UTF-8 text", hint="save it as UTF-8") from err
    return parse(text, str(path))


def find(explicit: Path | None, environ: Mapping[str, str]) -> Path:
    """Choose the settings file: the one named, $CROMWELLD_CONFIG, the user's own, the system's.

    A file that was named is taken even where it does not exist, so that `load` speaks about it.

    Raises: ConfigurationError when none was named and none is there.
    """
    named = explicit or (Path(environ[VARIABLE]) if environ.get(VARIABLE) else None)
    if named is not None:
        return named
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    candidates = (home / HOME_FILE, SYSTEM_FILE)
    for candidate in candidates:
        if _there(candidate):
            return candidate
    looked = " or ".join(str(candidate) for candidate in candidates)
    raise ConfigurationError(f"there is no settings file {looked}", hint=FIND_HINT)


def _there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # it is there and may not be looked at: `load` says so, instead of another file being taken
    return True


def _syntax(err: ValueError) -> str:
    sentence, _, place = str(err).rpartition(" (at ")
    return f"{place.rstrip(')')}: {sentence}" if sentence else str(err)
