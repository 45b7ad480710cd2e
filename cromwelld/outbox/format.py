"""One answer as one Arrow IPC file."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import replace

import pyarrow as pa

from cromwelld.pieces import Answer, Outcome

_ABOUT = b"cromwelld"


def pack(answer: Answer) -> bytes:
    """Write an answer as an Arrow IPC file: a row for each table, the rest in the schema's metadata."""
    schema = pa.schema([("measurement", pa.string()), ("table", pa.large_binary())], {_ABOUT: _about(answer)})
    tables = [_table_bytes(rows) for rows in answer.tables.values()]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(pa.table([list(answer.tables), pa.array(tables, pa.large_binary())], schema=schema))
    content: bytes = sink.getvalue().to_pybytes()
    return content


def fingerprint(answer: Answer) -> str:
    """Digest what an answer says: not which device is worn by now, nor who wants it."""
    total = hashlib.sha256(_about(replace(answer, device="", forced=False)).encode())
    for name, rows in answer.tables.items():
        total.update(f"\n{name}\n".encode())
        total.update(_table_bytes(rows))
    return total.hexdigest()[:16]


def _about(answer: Answer) -> str:
    return json.dumps(
        {
            "stream": answer.stream,
            "date": answer.date.isoformat(),
            "outcome": answer.outcome.value,
            "reason": answer.reason,
            "source": answer.source,
            "zone": answer.zone,
            "device": answer.device,
            "measurements": list(answer.measurements),
            "forced": answer.forced,
        }
    )


def unpack(content: bytes) -> Answer:
    """Read what `pack` wrote.

    Raises: ValueError (pyarrow.ArrowInvalid is one) if it is damaged.
    """
    try:
        rows = pa.ipc.open_file(pa.BufferReader(content)).read_all()
        about = json.loads(rows.schema.metadata[_ABOUT])
        names, bodies = rows["measurement"].to_pylist(), rows["table"].to_pylist()
        tables = {name: pa.ipc.open_stream(body).read_all() for name, body in zip(names, bodies, strict=True)}
        return Answer(
            stream=about["stream"],
            date=dt.date.fromisoformat(about["date"]),
            outcome=Outcome(about["outcome"]),
            reason=about["reason"],
            tables=tables,
            source=about["source"],
            zone=about["zone"],
            device=about["device"],
            measurements=tuple(about["measurements"]),
            forced=about.get("forced", False),  # a piece of an earlier version does not say
        )
    except (KeyError, TypeError, OSError, EOFError) as err:
        message = "not a piece of the outbox"
        raise ValueError(message) from err


def _table_bytes(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    content: bytes = sink.getvalue().to_pybytes()
    return content
