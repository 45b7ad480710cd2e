"""What a night tells about a synthetic person's body."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache

from cromwelld.simulator.person.nights import sleeps
from cromwelld.simulator.person.pulse import resting_bpm
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import Vitals

SHORTEST_NIGHT_S = 3 * 3600


@lru_cache(maxsize=1024)
def vitals(traits: Traits, day: date) -> Vitals | None:
    """Tell the vitals of the main sleep that ended on a date; None without one of at least three hours."""
    main = next((sleep for sleep in sleeps(traits, day) if sleep.main), None)
    if main is None or (main.end - main.start).total_seconds() < SHORTEST_NIGHT_S:
        return None
    dice = traits.dice(day, "vitals")
    rmssd = 42.0 + 8.0 * math.sin(day.toordinal() / 11.0) + dice.uniform(-5.0, 5.0)
    oxygen = dice.uniform(95.0, 97.2)
    return Vitals(
        resting_bpm=resting_bpm(traits, day),
        daily_rmssd_ms=round(rmssd, 3),
        deep_rmssd_ms=round(rmssd + dice.uniform(-4.0, 6.0), 3),
        breaths_per_minute=round(dice.uniform(13.2, 15.8), 1),
        skin_relative_c=round(dice.uniform(-0.9, 0.9), 1),
        oxygen_avg=round(oxygen, 1),
        oxygen_min=round(oxygen - dice.uniform(2.0, 3.5), 1),
        oxygen_max=round(min(100.0, oxygen + dice.uniform(1.5, 2.8)), 1),
        vo2_max=45 + round(2.0 * math.sin(day.toordinal() / 60.0)),
    )
