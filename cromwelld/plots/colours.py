"""Colours that colour-blind readers can tell apart, and what they stand for.

Source: Okabe and Ito, Color Universal Design, https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

INK, GREY, PALE = "#222222", "#767676", "#E4E4E4"
BLUE, SKY, GREEN, YELLOW = "#0072B2", "#56B4E9", "#009E73", "#F0E442"
ORANGE, RED, PURPLE = "#E69F00", "#D55E00", "#CC79A7"

SCALE = "viridis"  # from dark to light, also without colour
MANY = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED, YELLOW)
