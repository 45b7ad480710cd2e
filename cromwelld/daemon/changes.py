"""What differs between two configurations, key by key, as a person may read it. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from cromwelld.config import Endpoint, Secret, Settings

MASKED, ABSENT = "(secret)", "(not set)"
_AT_START = ("state_dir", "http.listen", "http.allowed_hosts", "http.token_file")
_HIDDEN = {"name", "refresh_today_given"}  # no keys of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One key of config.toml with its old and new value; `restart`: it counts only from the next start on."""

    key: str
    old: str
    new: str
    restart: bool


def changes(old: Settings, new: Settings) -> list[Change]:
    """List the keys whose values differ, in the order of the file; a secret is masked, and compared all the same."""
    before, after = dict(_settings(old)), dict(_settings(new))
    return [
        Change(
            key=key,
            old=_shown(before.get(key)),
            new=_shown(after.get(key)),
            restart=key in _AT_START,
        )
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    ]


@dataclass(frozen=True, slots=True)
class _Value:
    """A value as it is compared, and as it is shown."""

    text: str
    secret: bool = False


def _shown(value: _Value | None) -> str:
    if value is None:
        return ABSENT
    return MASKED if value.secret else value.text


def _settings(settings: Settings) -> Iterator[tuple[str, _Value]]:
    yield from _keys("", settings)


def _keys(prefix: str, section: object) -> Iterator[tuple[str, _Value]]:
    """Give the keys of a section that are set, with those of the sections in it."""
    if not dataclasses.is_dataclass(section):
        return
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        if value is not None and field.name not in _HIDDEN:
            yield from _key(prefix, field, value)


def _key(prefix: str, field: dataclasses.Field[object], value: object) -> Iterator[tuple[str, _Value]]:
    name = f"{prefix}{field.name}"
    if isinstance(value, Secret):
        yield f"{name}_file", _Value(str(value.path or f"credential:{value.credential}"))
    elif isinstance(value, Endpoint):
        yield name, _Value(f"{value.host}:{value.port}")
    elif isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _keys(f"{name}.{key}.", inside)
    elif dataclasses.is_dataclass(value):
        yield from _keys(f"{name}.", value)
    else:
        yield name.removesuffix("_s"), _Value(_text(field.name, value), secret=not field.repr)


def _text(name: str, value: object) -> str:
    """Write a value about as the file has it."""
    if name.endswith("_s") and isinstance(value, int):
        return str(timedelta(seconds=value))
    if isinstance(value, tuple):
        return ", ".join(_one(one) for one in value) or "none"
    return str(value)


def _one(value: object) -> str:
    if not dataclasses.is_dataclass(value):
        return str(value)
    return " ".join(str(getattr(value, field.name)) for field in dataclasses.fields(value))
