"""A date's records in memory: Arrow tables by measurement."""

from __future__ import annotations

from cromwelld.day.comparing import Difference, differences, lacks
from cromwelld.day.encoding import digest, encode
from cromwelld.day.merging import Change, Merged, Rules, Verdict, merge, rezoned
from cromwelld.day.model import Day, about, read_about
from cromwelld.day.tables import concat, empty, normal, table

__all__ = [
    "Change",
    "Day",
    "Difference",
    "Merged",
    "Rules",
    "Verdict",
    "about",
    "concat",
    "differences",
    "digest",
    "empty",
    "encode",
    "lacks",
    "merge",
    "normal",
    "read_about",
    "rezoned",
    "table",
]
