"""What is usual: means and spreads of the 7 and the 30 dates before and with each date."""

from __future__ import annotations

import pandas as pd

from cromwelld.plots.canvas import Axes
from cromwelld.plots.clock import Numbers
from cromwelld.plots.colours import GREY

LEAST = {7: 3, 30: 10}  # values that a window must have to say something


def band(values: pd.Series[float], dates: int) -> pd.DataFrame:
    """Give `mean`, `low` and `high` (a standard deviation apart) of the `dates` dates up to each; values by date.

    A missing date counts as missing, not as zero; a window with too few values says nothing.
    """
    window = values.rolling(dates, min_periods=LEAST[dates])
    mean, spread = window.mean(), window.std()
    return pd.DataFrame({"mean": mean, "low": mean - spread, "high": mean + spread})


def draw(axes: Axes, where: Numbers, values: pd.Series[float], *, colour: str, named: bool = True) -> None:
    """Draw mean and band of 30 dates in grey, those of 7 in a colour, from the first to the last date with a value."""
    lasting = values.bfill().notna()
    usual, recent = band(values, 30)[lasting], band(values, 7)[lasting]
    where = where[lasting.to_numpy()]
    shades, lines = ((usual, GREY, 0.16, "30 dates"), (recent, colour, 0.25, "7 dates")), ("--", "-")
    for (window, shade, alpha, name), line in zip(shades, lines, strict=True):
        if window["mean"].notna().any():
            label = (f"{name}: mean", f"{name}: ± 1 SD") if named else ("", "")
            axes.plot(where, window["mean"], color=shade, linestyle=line, linewidth=1.7, label=label[0])
            axes.fill_between(
                where, window["low"], window["high"], color=shade, alpha=alpha, linewidth=0, label=label[1]
            )
