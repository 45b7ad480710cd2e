"""The errors of cromwelld, cut by what the caller must do.

CromwelldError                 carries a message, a hint (the one thing to do) and an exit code
├── ConfigurationError         stop: the settings cannot work; every problem is listed
├── UsageError                 stop: the command line asks for something that cannot be
├── PersonNeeded               a person must set something right at the vendor; nothing more is asked of it
│   └── LoginNeeded            ... by logging in again
├── Retired                    the vendor has switched this API off for good
├── ClockWrong                 our clock is not the vendor's: nothing may be planned or sealed by it
├── FarSideAway                try again later, after `retry_after_s` if it is known
│   └── OutOfBudget            the vendor's quota is spent
├── Skippable                  one stream of one date cannot be had; the others go on
│   ├── Refused                the vendor says no: scope or permission
│   ├── Unsupported            the vendor has no such data
│   └── BadAnswer              the answer is not what the endpoint is documented to send
│       ├── WrongRequest       the vendor takes the request for wrong, and says by `reason` why
│       └── TooLong            the vendor finds the range of the request too long
└── StoreError                 our own disk or archive
    ├── DamagedFile            a file exists but cannot be read
    ├── NotWritable            a folder or file cannot be written
    ├── ForeignFolder          a folder that another program keeps: read, never written
    └── Held                   another process holds the lock
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from traceback import extract_tb

from cromwelld.redaction import redacted

_MOST_PLACES = 12


class CromwelldError(Exception):
    """Say what happened, to what, and the one thing to do; what is secret does not get into the message."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = redacted(message)
        self.hint = hint
        super().__init__(self.message)


class ConfigurationError(CromwelldError):
    """Report every mistake in the settings at once, a line each."""

    exit_code = 2

    def __init__(self, message: str, *, problems: Sequence[str] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class UsageError(CromwelldError):
    """Refuse a command line that asks for something that cannot be."""

    exit_code = 2


class PersonNeeded(CromwelldError):
    """Stop asking the vendor until a person has set right what the message names."""

    exit_code = 77


class LoginNeeded(PersonNeeded):
    """Stop asking the vendor until a person has logged in again."""


class Retired(CromwelldError):
    """Stop for good: the vendor answered 410."""

    exit_code = 75


class ClockWrong(CromwelldError):
    """Stop until this machine's clock is right: what is due, sealed or spent would be decided by it."""


class Cause(Enum):
    """Why a far side counts as away, for those who count."""

    SERVER = "server"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    NONSENSE = "nonsense"
    QUOTA = "quota"


class FarSideAway(CromwelldError):
    """Try again later: the far side is away, busy or talks nonsense."""

    exit_code = 75
    cause = Cause.SERVER

    def __init__(
        self, message: str, *, hint: str = "", retry_after_s: float | None = None, cause: Cause | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s
        self.cause = cause or type(self).cause

    @classmethod
    def connection(cls, sentence: str, err: Exception) -> FarSideAway:
        """Say that a connection failed; the text of its error can name a host, and is left out."""
        cause = Cause.TIMEOUT if isinstance(err, TimeoutError) else Cause.CONNECTION
        return cls(f"{sentence} ({type(err).__name__})", cause=cause)


class OutOfBudget(FarSideAway):
    """Wait for the quota to be renewed."""

    cause = Cause.QUOTA


class Skippable(CromwelldError):
    """Leave out one stream of one date; everything else goes on."""


class Refused(Skippable):
    """Skip a stream for which the vendor gives no permission."""


class Unsupported(Skippable):
    """Skip a stream of which the vendor says that there is no such thing."""


class BadAnswer(Skippable):
    """Skip an answer that is not what its endpoint is documented to send."""


class WrongRequest(BadAnswer):
    """Skip, or ask in another way, what the vendor takes for wrong; `reason` is its own code."""

    def __init__(self, message: str, *, reason: str, details: Mapping[str, str]) -> None:
        super().__init__(message)
        self.reason = reason
        self.details = details


class TooLong(BadAnswer):
    """Ask for a part of the range: the vendor finds the whole too long."""


class StoreError(CromwelldError):
    """Report a failure of our own disk or archive; nothing was lost."""


class DamagedFile(StoreError):
    """Name a file that exists but cannot be read."""


class NotWritable(StoreError):
    """Name a folder or file that cannot be written, and the user who tried."""


class ForeignFolder(StoreError):
    """Refuse to write into a folder that another program keeps."""


class Held(StoreError):
    """Name the process that holds a lock."""


def ours(err: BaseException) -> CromwelldError:
    """Give an error as one of ours: the one that it is, the first of a group, or that something is wrong in here."""
    while isinstance(err, BaseExceptionGroup):
        err = err.exceptions[0]
    if isinstance(err, CromwelldError):
        return err
    message = f"a mistake in cromwelld itself ({place_of(err)}): please report it"
    return CromwelldError(message, hint=f"and with it the way to it: {trail_of(err)}")


def trail_of(err: BaseException) -> str:
    """Name the places in the code on the way to a mistake, the last of them last, and nothing that they worked on."""
    frames = extract_tb(err.__traceback__)[-_MOST_PLACES:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)


def place_of(err: BaseException) -> str:
    """Name a mistake and where in the code it happened; its text may hold what must not be told."""
    frames = extract_tb(err.__traceback__)
    place = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(err).__name__}{place}"
