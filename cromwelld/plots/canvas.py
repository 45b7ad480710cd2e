"""Sheets of one look: laptop width, a title, a line of explanation, the legend below. The one importer of matplotlib.

Figures are made without pyplot, so that nothing global changes and nothing has to be closed.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from cromwelld.plots.colours import GREY, INK, PALE

__all__ = ["Axes", "Figure", "LineCollection", "Normalize", "Patch", "ScalarMappable", "legend", "nothing", "sheet"]

WIDTH_IN, DPI = 11.0, 100
_TITLE, _TEXT = 13, 10
_CHAR_PX, _HANDLE_PX = 6.5, 60  # of a legend: a letter, and what stands before the letters


def sheet(
    title: str, note: str = "", *, height_in: float = 3.8, heights: Sequence[float] = (1,)
) -> tuple[Figure, list[Axes]]:
    """Make a figure with one axes for each of `heights`, one below the other, which share their x axis."""
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=_TITLE, fontweight="bold", color=INK)
    grid = figure.subplots(len(heights), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": list(heights)})
    every = [axes for row in grid for axes in row]
    every[0].set_title(note, loc="left", fontsize=_TEXT, color=GREY)
    for axes in every:
        _plain(axes)
    return figure, every


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, axis="y", color=PALE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=_TEXT, colors=INK)


def legend(figure: Figure, axes: Axes, *more: Patch) -> None:
    """Put what is labelled in `axes`, and `more`, below the figure; nothing where nothing is labelled."""
    handles, labels = axes.get_legend_handles_labels()
    named = dict(zip(labels, handles, strict=True)) | {str(patch.get_label()): patch for patch in more}
    if named:
        figure.legend(
            list(named.values()),
            list(named),
            loc="outside lower left",
            ncols=_columns(list(named)),
            frameon=False,
            fontsize=_TEXT,
        )


def _columns(labels: Sequence[str]) -> int:
    """Say how many labels fit beside each other."""
    widest = max(map(len, labels)) * _CHAR_PX + _HANDLE_PX
    return max(1, min(len(labels), int(WIDTH_IN * DPI / widest)))


def nothing(title: str, why: str) -> Figure:
    """Make a figure that says in words why there is nothing to be drawn."""
    figure, (axes,) = sheet(title, height_in=1.6)
    axes.set_axis_off()
    axes.text(0.5, 0.5, why, ha="center", va="center", fontsize=_TITLE, color=GREY, wrap=True)
    return figure
