"""The secrets that the settings point at, read when they are needed and kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cromwelld.config.model import Secret
from cromwelld.errors import ConfigurationError

CREDENTIALS = "CREDENTIALS_DIRECTORY"


def locate(secret: Secret, environ: Mapping[str, str]) -> Path:
    """Give the file that holds a secret; credentials lie in the folder that systemd names.

    Raises: ConfigurationError when a credential is asked for outside a service.
    """
    if secret.path is not None:
        return secret.path
    if not environ.get(CREDENTIALS):
        hint = f"run it as a systemd service with LoadCredential={secret.credential}:PATH, or give the path of a file"
        raise ConfigurationError(f"there are no credentials here to find {secret.credential} in", hint=hint)
    return Path(environ[CREDENTIALS]) / str(secret.credential)


def read_secret(secret: Secret, environ: Mapping[str, str]) -> str:
    """Read a secret without the white space around it.

    Raises: ConfigurationError naming the file, never what it holds.
    """
    path = locate(secret, environ)
    try:
        content = path.read_bytes().decode().strip()
    except OSError as err:
        hint = "write the secret there, readable only by the user of the program"
        raise ConfigurationError(f"the secret file {path} cannot be read: {err.strerror}", hint=hint) from err
    except UnicodeDecodeError:
        # not chained: the error would carry the bytes of the secret
        raise ConfigurationError(f"the secret file {path} is not text", hint="write the secret there") from None
    if not content:
        raise ConfigurationError(f"the secret file {path} is empty", hint="write the secret there")
    return content
