"""The metrics as Prometheus' own objects, in a registry of our own."""

from __future__ import annotations

import platform
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, disable_created_metrics

from cromwelld import __version__
from cromwelld.monitor.metrics.families import FAMILIES, PREFIX, Family, Type

OTHER = "other"
NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The values that labels may have; any other is counted as `other`. A label that is not named here may have all."""

    values: Mapping[str, Collection[str]]

    def fit(self, label: str, value: str) -> str:
        """Give the value, or `other` in its place; what is of none stays so."""
        allowed = self.values.get(label)
        return value if not value or allowed is None or value in allowed else OTHER


class Board:
    """Hold the metrics by name; labels are given by name and closed. Any thread may use it."""

    def __init__(self, closed: Closed) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # series that double everything and tell little
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        self._closed = closed
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for family in FAMILIES:
            self._make(family)
        self.set("build_info", 1, version=__version__, python=platform.python_version())

    def _make(self, family: Family) -> None:
        name, registry = PREFIX + family.name, self.registry
        if family.type is Type.COUNTER:
            self._counters[family.name] = Counter(name, family.help, family.labels, registry=registry)
        elif family.type is Type.GAUGE:
            self._gauges[family.name] = Gauge(name, family.help, family.labels, registry=registry)
        else:
            self._histograms[family.name] = Histogram(
                name, family.help, family.labels, registry=registry, buckets=family.buckets
            )

    def begin(self, name: str, /, **labels: str) -> None:
        """Let a counter or a histogram be there, at nought if it is new."""
        (self._counters.get(name) or self._histograms[name]).labels(**self._fitted(labels))

    def add(self, name: str, amount: float = 1, /, **labels: str) -> None:
        """Let a counter grow."""
        counter = self._counters[name]
        (counter.labels(**self._fitted(labels)) if labels else counter).inc(amount)

    def set(self, name: str, value: float, /, **labels: str) -> None:
        """Set a gauge."""
        gauge = self._gauges[name]
        (gauge.labels(**self._fitted(labels)) if labels else gauge).set(value)

    def keep(self, name: str, label: str, values: Collection[str], /, **labels: str) -> None:
        """End the series of a gauge that have these labels, and none of the values in another."""
        gauge = self._gauges[name]
        for sample in next(iter(gauge.collect())).samples:
            if labels.items() <= sample.labels.items() and sample.labels[label] not in values:
                gauge.remove_by_labels(sample.labels)

    def observe(self, name: str, seconds: float, /, **labels: str) -> None:
        """Put a duration into a histogram."""
        histogram = self._histograms[name]
        (histogram.labels(**self._fitted(labels)) if labels else histogram).observe(seconds)

    def forget(self, label: str, value: str) -> None:
        """End every series that has this value of a label."""
        for metric in (*self._counters.values(), *self._gauges.values(), *self._histograms.values()):
            if label in metric._labelnames:  # noqa: SLF001 - the library does not tell it otherwise
                metric.remove_by_labels({label: value})

    def _fitted(self, labels: Mapping[str, str]) -> dict[str, str]:
        return {label: self._closed.fit(label, value) for label, value in labels.items()}
