"""Logins: how a person grants access to their data, and how the grant is kept and renewed."""

from cromwelld.sources.oauth.keeper import Keeper
from cromwelld.sources.oauth.provider import FITBIT, GOOGLE, Application, Provider
from cromwelld.sources.oauth.store import TokenStore
from cromwelld.sources.oauth.tokens import Tokens

__all__ = ["FITBIT", "GOOGLE", "Application", "Keeper", "Provider", "TokenStore", "Tokens"]
