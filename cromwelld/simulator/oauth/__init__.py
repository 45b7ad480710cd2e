"""The login of either vendor: consent in a browser, tokens that expire, rotate and can be revoked."""

from cromwelld.simulator.oauth.manners import FITBIT, GOOGLE, Client, Manners, Member
from cromwelld.simulator.oauth.server import LoginServer
from cromwelld.simulator.oauth.values import Pair, Rules, Told

__all__ = ["FITBIT", "GOOGLE", "Client", "LoginServer", "Manners", "Member", "Pair", "Rules", "Told"]
