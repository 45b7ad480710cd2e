"""Everything that a person is told of a collection, as a document for JSON."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cromwelld.jobs.collect import Collected
from cromwelld.jobs.summary import Summary, summarize

Document = dict[str, object]


def document(collected: Collected, places: Mapping[str, str]) -> Document:
    """Write down what became of every date and stream; `places` says where things lie."""
    return document_of(summarize(collected), places)


def document_of(summary: Summary, places: Mapping[str, str]) -> Document:
    """Write down a summary; `places` says where things lie."""
    found: Document = msgspec.to_builtins(summary)
    return {**found, "places": dict(places)}
