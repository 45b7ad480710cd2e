"""Which bucket holds an archive, and the way to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from cromwelld.errors import UsageError

_SCHEME = "s3://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """An access key with its secret."""

    access: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a server is waited for.

    `silence_s` counts from what was last sent or heard; `request_s` bounds a request with its body and all attempts.
    """

    connect_s: float = 5.0
    silence_s: float = 60.0
    request_s: float = 600.0
    attempts: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A prefix of a bucket and how it is reached.

    `prefix` has no slash at either end. What is None is taken from the environment and the configuration of AWS, as its
    own tools do; `path_style` False leaves it to them. Objects above `part_bytes` are sent in parts of that size: at
    least 5 MiB on real servers.
    """

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None
    keys: Keys | None = None
    path_style: bool = False
    storage_class: str | None = None
    encryption: str | None = None
    kms_key: str | None = None
    part_bytes: int = 8 << 20
    patience: Patience = Patience()

    @property
    def root(self) -> str:
        """Give what the keys of all objects begin with."""
        return f"{self.prefix}/" if self.prefix else ""

    def place(self, name: str = "") -> str:
        """Name an object, or the whole place, for people."""
        return f"{_SCHEME}{self.name}/{self.root}{name}".rstrip("/")


def bucket_at(address: str) -> Bucket:
    """Read an address such as s3://bucket/prefix; everything else is as the tools of AWS have it.

    Raises: UsageError.
    """
    name, _, prefix = address.removeprefix(_SCHEME).partition("/")
    if not address.startswith(_SCHEME) or not name:
        raise UsageError(f"{address} is no place in S3", hint="write s3://BUCKET/PREFIX")
    return Bucket(name=name, prefix=prefix.strip("/"))
