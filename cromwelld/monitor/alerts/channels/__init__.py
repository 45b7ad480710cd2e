"""The ways in which a letter reaches a person: mail, ntfy; and the ping of a daily run."""

from cromwelld.monitor.alerts.channels.channel import Channel
from cromwelld.monitor.alerts.channels.mail import MailChannel
from cromwelld.monitor.alerts.channels.ntfy import NtfyChannel
from cromwelld.monitor.alerts.channels.ping import Ping, Pinger
from cromwelld.monitor.alerts.channels.table import channels_of, pinger_of

__all__ = ["Channel", "MailChannel", "NtfyChannel", "Ping", "Pinger", "channels_of", "pinger_of"]
