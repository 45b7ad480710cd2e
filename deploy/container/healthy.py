"""Ask the daemon of this container whether it is alive; the exit code is the answer."""

import http.client
import sys

PORT = 8377


def healthy() -> bool:
    """Tell whether /healthz answers 200; `http.allowed_hosts` must leave 127.0.0.1 in."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False


if __name__ == "__main__":
    sys.exit(not healthy())
