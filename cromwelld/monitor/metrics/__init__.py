"""Metrics for Prometheus: fed by events and by how everything stands, rendered at most once a second."""

from cromwelld.monitor.metrics.exposition import CONTENT_TYPE, Metrics
from cromwelld.monitor.metrics.families import FAMILIES, PREFIX

__all__ = ["CONTENT_TYPE", "FAMILIES", "PREFIX", "Metrics"]
