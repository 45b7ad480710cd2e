"""Alerts: rules that turn how everything stands into what a person must know, told once over each channel."""

from cromwelld.monitor.alerts.channels import Channel, Ping, channels_of, pinger_of
from cromwelld.monitor.alerts.dispatch import Dispatcher
from cromwelld.monitor.alerts.letters import trial
from cromwelld.monitor.alerts.model import AlertKind
from cromwelld.monitor.alerts.patience import Patience
from cromwelld.monitor.alerts.pings import Pings

__all__ = ["AlertKind", "Channel", "Dispatcher", "Patience", "Ping", "Pings", "channels_of", "pinger_of", "trial"]
