"""A date's records in memory: Arrow tables by measurement."""

from __future__ import annotations

from cromwelld.day.comparing import lacks
from cromwelld.day.encoding import digest, encode
from cromwelld.day.merging import Change, Merged, Rules, Verdict, merge
from cromwelld.day.model import Day, about, read_about
from cromwelld.day.tables import concat, empty, normal, table

__all__ = [
    "Change",
    "Day",
    "Merged",
    "Rules",
    "Verdict",
    "about",
    "concat",
    "digest",
    "empty",
    "encode",
    "lacks",
    "merge",
    "normal",
    "read_about",
    "table",
]
