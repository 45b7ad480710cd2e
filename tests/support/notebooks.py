"""Notebooks run top to bottom in one kernel, and what figures they leave behind."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
SLEEP, HEART, PERFORMANCE, STEPS, VARIOUS = (
    "SLEEP-ANALYSIS.ipynb",
    "HEART RATE VISUALIZATION.ipynb",
    "PERFORMANCE ANALYSIS.ipynb",
    "Steps_ANALYSIS.ipynb",
    "VARIOUS_METRICS.ipynb",
)
NAMES = (SLEEP, HEART, PERFORMANCE, STEPS, VARIOUS)
PARAMETERS = "parameters"

_TELL = """
import json
from matplotlib.figure import Figure
def _texts(figure):
    every = [figure.get_suptitle(), *(t.get_text() for one in figure.legends for t in one.get_texts())]
    for axes in figure.axes:
        every += [axes.get_title("left"), axes.get_xlabel(), *(t.get_text() for t in axes.texts)]
    return every
_figures = {name: one for name, one in list(globals().items()) if isinstance(one, Figure) and name[0] != "_"}
print(json.dumps({name: [[a.has_data() for a in one.axes], _texts(one)] for name, one in _figures.items()}))
"""
_MEMORY = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM:')))"


@dataclass(frozen=True)
class Drawn:
    """A figure that a run left behind."""

    data: tuple[bool, ...]
    text: str

    @property
    def full(self) -> bool:
        """Tell whether every panel has data."""
        return bool(self.data) and all(self.data)


@dataclass(frozen=True)
class Run:
    """What a run left: figures by name, pictures in the cells' outputs, texts, and seconds by cell."""

    figures: Mapping[str, Drawn]
    pictures: int
    text: str
    seconds: tuple[float, ...]


def read(name: str) -> Any:  # noqa: ANN401 - nbformat has no types
    """Read a notebook as it lies in the project."""
    return nbformat.read(FOLDER / name, as_version=4)  # type: ignore[no-untyped-call]


def position(cells: list[Any], tag: str = PARAMETERS) -> int:
    """Say where the cell with a tag is."""
    return next(number for number, cell in enumerate(cells) if tag in cell.metadata.get("tags", []))


def with_parameters(name: str, parameters: Mapping[str, object]) -> Any:  # noqa: ANN401
    """Read a notebook and put other values behind its cell of parameters."""
    book = read(name)
    lines = [f"{key} = {value!r}" for key, value in parameters.items()]
    book.cells.insert(position(book.cells) + 1, nbformat.v4.new_code_cell("\n".join(lines)))  # type: ignore[no-untyped-call]
    return book


class Kernel:
    """One kernel for many runs; each begins with an empty namespace."""

    def __init__(self, client: NotebookClient) -> None:
        self._client = client

    def run(self, name: str, parameters: Mapping[str, object]) -> Run:
        """Run a notebook top to bottom; an error in a cell is raised.

        Raises: nbclient.exceptions.CellExecutionError.
        """
        self.say("%reset -f")
        book = with_parameters(name, parameters)
        self._client.nb = book
        for number, cell in enumerate(book.cells):
            self._client.execute_cell(cell, number)
        code = [cell for cell in book.cells if cell.cell_type == "code"]
        outputs = [output for cell in code for output in cell.outputs]
        told = json.loads(self.say(_TELL))
        return Run(
            figures={name: Drawn(tuple(data), "\n".join(texts)) for name, (data, texts) in told.items()},
            pictures=sum("image/png" in output.get("data", {}) for output in outputs),
            text="\n".join(_text(output) for output in outputs),
            seconds=tuple(_seconds(cell) for cell in code),
        )

    def say(self, code: str) -> str:
        """Run a line of code and give what it printed."""
        cell = nbformat.v4.new_code_cell(code)  # type: ignore[no-untyped-call]
        self._client.nb.cells.append(cell)
        self._client.execute_cell(cell, len(self._client.nb.cells) - 1)
        return "".join(output.get("text", "") for output in cell.outputs)

    def peak_mb(self) -> float:
        """Give the most memory that the kernel has had, in megabytes."""
        return float(self.say(_MEMORY)) / 1024


def _text(output: Any) -> str:  # noqa: ANN401
    return str(output.get("text", "") or output.get("data", {}).get("text/plain", ""))


def _seconds(cell: Any) -> float:  # noqa: ANN401
    stamps = cell.metadata.get("execution", {})
    begun, ended = (stamps.get(name, "") for name in ("iopub.execute_input", "shell.execute_reply"))
    if not begun or not ended:
        return 0.0
    return (dt.datetime.fromisoformat(ended) - dt.datetime.fromisoformat(begun)).total_seconds()


@contextmanager
def kernel() -> Iterator[Kernel]:
    """Start a kernel in the folder of the notebooks."""
    book = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})  # type: ignore[no-untyped-call]
    client = NotebookClient(book, timeout=120, record_timing=True, resources={"metadata": {"path": str(FOLDER)}})
    with client.setup_kernel():
        yield Kernel(client)
