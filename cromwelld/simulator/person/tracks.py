"""Where a synthetic person walks: loops over open water, a trackpoint a second."""

from __future__ import annotations

import math
from functools import lru_cache

from cromwelld.simulator.person.civil import civil_date, seconds_of
from cromwelld.simulator.person.diary import Outing
from cromwelld.simulator.person.traits import Traits
from cromwelld.simulator.person.values import Route

METRES_PER_DEGREE = 111_195.0


@lru_cache(maxsize=16)
def route(traits: Traits, outing: Outing) -> Route:
    """Walk a rough loop from the person's start at about 1.4 m/s; distances are in whole centimetres."""
    start = seconds_of(outing.start)
    dice = traits.dice(civil_date(start, traits.tz), f"route:{start}")
    east_m_per_degree = METRES_PER_DEGREE * math.cos(math.radians(traits.start_latitude))
    latitude, longitude, travelled = traits.start_latitude, traits.start_longitude, 0.0
    speed, heading, turn = dice.uniform(1.3, 1.5), dice.uniform(0.0, math.tau), math.tau / outing.seconds
    climb, phase = dice.uniform(4.0, 15.0), dice.uniform(0.0, math.tau)
    rows: list[tuple[float, float, float, float]] = []
    for second in range(outing.seconds):
        altitude = 20.0 + climb * math.sin(phase + 2.0 * turn * second)
        rows.append((round(latitude, 7), round(longitude, 7), round(altitude, 1), round(travelled, 2)))
        speed = min(1.8, max(1.0, speed + dice.uniform(-0.03, 0.03)))
        heading += turn + dice.uniform(-0.05, 0.05)
        travelled += speed
        latitude += speed * math.cos(heading) / METRES_PER_DEGREE
        longitude += speed * math.sin(heading) / east_m_per_degree
    latitudes, longitudes, altitudes, distances = zip(*rows, strict=True)
    return Route(
        instants=tuple(range(start, start + outing.seconds)),
        latitude=latitudes,
        longitude=longitudes,
        altitude_m=altitudes,
        distance_m=distances,
    )
