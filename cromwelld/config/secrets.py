"""The secrets that the settings point at, read when they are needed and kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cromwelld.config.model import Secret
from cromwelld.errors import ConfigurationError

CREDENTIALS = "CREDENTIALS_DIRECTORY"
FOLDER = Path("/etc/cromwelld/secrets")  # what the unit hands over, each file of it as secret_NAME
HANDED = f"LoadCredential=secret:{FOLDER}"
_HANDED_AS = "secret_"


def locate(secret: Secret, environ: Mapping[str, str]) -> Path:
    """Give the file that holds a secret; credentials lie in the folder that systemd names.

    Raises: ConfigurationError when a credential is asked for outside a service.
    """
    if secret.path is not None:
        return secret.path
    if not environ.get(CREDENTIALS):
        line = f"sudo systemd-run --pipe --wait --collect --uid=cromwelld -p {HANDED} cromwelld ..."
        hint = f"let systemd hand them over ({line}), or give the path of a file"
        raise ConfigurationError(f"there are no credentials here to find {secret.credential} in", hint=hint)
    return Path(environ[CREDENTIALS]) / str(secret.credential)


def read_secret(secret: Secret, environ: Mapping[str, str]) -> str:
    """Read a secret without the white space around it.

    Raises: ConfigurationError naming the file, never what it holds.
    """
    path = locate(secret, environ)
    name = f"the secret file {path}" if secret.credential is None else f"the credential {secret.credential}"
    try:
        content = path.read_bytes().decode().strip()
    except OSError as err:
        raise ConfigurationError(f"{name} cannot be read: {err.strerror}", hint=_remedy(secret)) from err
    except UnicodeDecodeError:
        # not chained: the error would carry the bytes of the secret
        raise ConfigurationError(f"{name} is not text", hint=_remedy(secret)) from None
    if not content:
        raise ConfigurationError(f"{name} is empty", hint=_remedy(secret))
    return content


def _remedy(secret: Secret) -> str:
    """Say where to write a secret: systemd copies credentials when it starts a service."""
    if secret.credential is None:
        return f"write the secret to {secret.path}, readable only by the user of the program"
    if secret.credential.startswith(_HANDED_AS):
        file = FOLDER / secret.credential.removeprefix(_HANDED_AS)
        return f"write the secret to {file}, readable only by root, and start cromwelld again"
    return f"add LoadCredential={secret.credential}:PATH to the unit, and start cromwelld again"
