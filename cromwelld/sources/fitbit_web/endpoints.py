"""Every endpoint of the Fitbit Web API that is asked, as values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cromwelld.pieces import TRACKS_A_DATE, Stream
from cromwelld.sources import tcx
from cromwelld.sources.fitbit_web import activities, body, devices, heart, intraday, sleep, totals, vitals
from cromwelld.sources.parsed import Parser
from cromwelld.sources.raw import JSON, TCX, Request

SOURCE = "fitbit_web"
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to ask, and the scopes that the login must have: {first}, {last}, {before} and {log_id} are filled in."""

    path: str
    scopes: tuple[str, ...]
    query: Mapping[str, str] = field(default_factory=dict)
    accept: str = JSON

    def request(self, first: dt.date, last: dt.date, *, log_id: str = "") -> Request:
        """Build the request for the dates from `first` to `last`, both included."""
        names = {"first": first, "last": last, "before": first - _DAY, "log_id": log_id}
        query = {name: value.format(**names) for name, value in self.query.items()}
        return Request(path=self.path.format(**names), query=query, accept=self.accept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One stream: where to ask, for how many dates at once, and how to read what comes back into which measurements."""

    stream: str
    address: Address
    longest_range: int
    measurements: tuple[str, ...]
    parse: Parser
    undated: bool = False
    follows: str = ""

    def request(self, first: dt.date, last: dt.date, *, log_id: str = "") -> Request:
        """Build the request of this stream for the dates from `first` to `last`, both included."""
        return replace(self.address.request(first, last, log_id=log_id), stream=self.stream)


def _vital(stream: str, path: str, scope: str, found: tuple[str, Parser]) -> Endpoint:
    return Endpoint(
        stream=stream,
        address=Address(path=f"/1/user/-/{path}/date/{{first}}/{{last}}.json", scopes=(scope,)),
        longest_range=30,
        measurements=(found[0],),
        parse=found[1],
    )


def _total(stream: str, resource: str) -> Endpoint:
    return Endpoint(
        stream=stream,
        address=Address(
            path=f"/1/user/-/activities/tracker/{resource}/date/{{first}}/{{last}}.json", scopes=("activity",)
        ),
        longest_range=1095,
        measurements=(f"Activity-{resource}",),
        parse=totals.total(resource),
    )


PROFILE = Address(path="/1/user/-/profile.json", scopes=("profile",))

DEVICES = Endpoint(
    stream="devices",
    address=Address(path="/1/user/-/devices.json", scopes=("settings",)),
    longest_range=1095,
    measurements=("DeviceBatteryLevel",),
    parse=devices.battery,
    undated=True,
)

# Whether afterDate excludes the day or the instant is not documented: the list begins a date early.
ACTIVITIES = Endpoint(
    stream="activities",
    address=Address(
        path="/1/user/-/activities/list.json",
        scopes=("activity",),
        query={"afterDate": "{before}", "sort": "asc", "offset": "0", "limit": "100"},
    ),
    longest_range=365,
    measurements=("ActivityRecords",),
    parse=activities.parse,
)

GPS = Endpoint(
    stream="gps",
    address=Address(path="/1/user/-/activities/{log_id}.tcx", scopes=("activity", "location"), accept=TCX),
    longest_range=1,
    measurements=("GPS",),
    parse=tcx.track,
    follows=ACTIVITIES.stream,
)

_RANGES = (
    Endpoint(
        stream="heart_rate",
        address=Address(path="/1/user/-/activities/heart/date/{first}/1d/1sec.json", scopes=("heartrate",)),
        longest_range=1,
        measurements=("HeartRate_Intraday",),
        parse=intraday.heart_rate,
    ),
    Endpoint(
        stream="steps",
        address=Address(path="/1/user/-/activities/steps/date/{first}/1d/1min.json", scopes=("activity",)),
        longest_range=1,
        measurements=("Steps_Intraday",),
        parse=intraday.steps,
    ),
    Endpoint(
        stream="heart_summary",
        address=Address(path="/1/user/-/activities/heart/date/{first}/{last}.json", scopes=("heartrate",)),
        longest_range=365,
        measurements=("RestingHR", "HR_Zones"),
        parse=heart.summary,
    ),
    _vital("hrv", "hrv", "heartrate", ("HRV", vitals.hrv)),
    _vital("breathing_rate", "br", "respiratory_rate", ("BreathingRate", vitals.breathing_rate)),
    _vital("skin_temperature", "temp/skin", "temperature", ("SkinTemperature", vitals.skin_temperature)),
    _vital("spo2", "spo2", "oxygen_saturation", ("SPO2_Daily", vitals.spo2)),
    Endpoint(
        stream="weight",
        address=Address(path="/1/user/-/body/log/weight/date/{first}/{last}.json", scopes=("weight",)),
        longest_range=31,
        measurements=("Weight",),
        parse=body.weight,
    ),
    Endpoint(
        stream="sleep",
        address=Address(path="/1.2/user/-/sleep/date/{first}/{last}.json", scopes=("sleep",)),
        longest_range=100,
        measurements=("SleepLevels", "SleepSummary"),
        parse=sleep.sleep,
    ),
    *(_total(stream, resource) for stream, resource in totals.RESOURCES.items()),
)

ENDPOINTS: Mapping[str, Endpoint] = {one.stream: one for one in (*_RANGES, DEVICES, ACTIVITIES, GPS)}

SCOPES = frozenset({*PROFILE.scopes, *(scope for one in ENDPOINTS.values() for scope in one.address.scopes)})


def _stream(endpoint: Endpoint) -> Stream:
    """Describe an endpoint to the planner."""
    return Stream(
        name=endpoint.stream,
        measurements=endpoint.measurements,
        longest_range=endpoint.longest_range,
        undated=endpoint.undated,
        follows=endpoint.follows,
        requests=TRACKS_A_DATE if endpoint is GPS else 1.0,
    )


STREAMS: Mapping[str, Stream] = {name: _stream(one) for name, one in ENDPOINTS.items()}
