"""The channels that the settings name."""

from __future__ import annotations

import aiohttp

from cromwelld.config import Alerts
from cromwelld.monitor.alerts.channels.channel import Channel
from cromwelld.monitor.alerts.channels.mail import MailChannel
from cromwelld.monitor.alerts.channels.ntfy import NtfyChannel
from cromwelld.monitor.alerts.channels.ping import Pinger


def channels_of(told: Alerts, session: aiohttp.ClientSession) -> tuple[Channel, ...]:
    """Give the channels for letters, in the order in which they are tried in a trial."""
    mail = () if told.mail is None else (MailChannel(told=told.mail),)
    ntfy = () if told.ntfy is None else (NtfyChannel(told=told.ntfy, session=session),)
    return (*mail, *ntfy)


def pinger_of(told: Alerts, session: aiohttp.ClientSession) -> Pinger | None:
    """Give the monitor of daily runs, if there is one."""
    return None if told.healthchecks is None else Pinger(told=told.healthchecks, session=session)
