"""Ask the daemon of this container whether it is alive, with nothing but Python; the exit code is the answer."""

import http.client
import os
import sys
import tomllib
from pathlib import Path

LISTENS = "127.0.0.1:8377"


def port(config: Path) -> int:
    """Tell where the configuration lets the daemon listen."""
    settings = tomllib.loads(config.read_text("utf-8"))
    return int(settings.get("http", {}).get("listen", LISTENS).rpartition(":")[2])


def healthy(config: Path) -> bool:
    """Tell whether /healthz answers 200; `http.allowed_hosts` must leave 127.0.0.1 in."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port(config), timeout=5)
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, ValueError, http.client.HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(not healthy(Path(os.environ["CROMWELLD_CONFIG"])))
