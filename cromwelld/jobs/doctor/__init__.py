"""Every check of an account's set-up: each looks, changes nothing, and says one remedy."""

from cromwelld.jobs.doctor.archive import Bucket, ask_bucket
from cromwelld.jobs.doctor.case import Case, Login, Unasked
from cromwelld.jobs.doctor.checks import Check, Result, checks_of, examine, exit_code
from cromwelld.jobs.doctor.far import FARS, Far
from cromwelld.jobs.doctor.findings import Finding, Status, of_error, skipped
from cromwelld.jobs.doctor.replies import Listener, Replies, ask

__all__ = [
    "FARS",
    "Bucket",
    "Case",
    "Check",
    "Far",
    "Finding",
    "Listener",
    "Login",
    "Replies",
    "Result",
    "Status",
    "Unasked",
    "ask",
    "ask_bucket",
    "checks_of",
    "examine",
    "exit_code",
    "of_error",
    "skipped",
]
