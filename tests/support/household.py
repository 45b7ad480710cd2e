"""A household that the installation guide is followed for: all that is outside of its machine, and outlives it."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.boot import Machine
from tests.support.exim import PASSWORD, USER, Exim
from tests.support.guide import block
from tests.support.logging_in import Far, walk
from tests.support.s3 import KEYS, Server

SECRETS = "/etc/cromwelld/secrets"
CONFIG = "/etc/cromwelld/config.toml"
HTTP_TOKEN = "a-token-of-my-own"
WANTED = ("sleep", "hrv", "weight", "resting_heart_rate", "heart_rate")
OLD = {"2024-05-01": 57.0, "2024-05-02": 58.0}  # in the bucket that the cron scripts filled; noon in Berlin is 10:00
OLDER = {"2023-05-01": 61.0}  # in their monolithic table only


@dataclass
class Household:
    """What is outside of a machine and outlives it: vendor, bucket, mail server; and the machine that is up now."""

    far: Far
    bucket: Server
    mail: Exim
    port: int
    machine: Machine
    prefix: str = field(default="", init=False)
    followed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.prefix = self.bucket.bucket("fitbit").prefix

    def lines(self, name: str) -> str:
        """Give the lines of the guide that are marked as to be run by this name."""
        self.followed.add(name)
        return block(name)

    def follow(self, name: str) -> str:
        """Type lines of the guide, in the folder of the source; each must succeed."""
        return self.machine.typed(f"cd ~/source\n{self.lines(name)}")

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file as an editor does: one that is there keeps its owner and rights."""
        self.machine.typed(
            f"test -e {path} || install -m {mode:o} /dev/null {path}; cat > {path} <<'END_OF_FILE'\n{text}\nEND_OF_FILE"
        )

    def keep_secrets(self, **secrets: str) -> None:
        for name, text in secrets.items():
            self.write(f"{SECRETS}/{name}", text, 0o600)

    def config(self) -> str:
        """Write the whole configuration, every secret of it a credential."""
        from cromwelld.wiring.vendors import VENDORS  # noqa: PLC0415 - slow to import

        leave_out = [name for name in VENDORS[self.far.api].streams if name not in WANTED]
        return f"""state_dir = "/var/lib/cromwelld"
[accounts.me]
source = "{self.far.api}"
client_id = "{self.far.logins.client.id}"
client_secret_file = "credential:secret_google_client_secret"
base_url = "{self.far.url}"
data_dir = "/srv/cromwelld/data"
prefix = "{self.prefix}"
leave_out = {json.dumps(leave_out)}
[archive]
store = "s3"
bucket = "{self.bucket.name}"
endpoint = "{self.bucket.url}"
region = "us-east-1"
path_style = true
access_key_file = "credential:secret_s3_access_key"
secret_key_file = "credential:secret_s3_secret_key"
[http]
listen = "127.0.0.1:{self.port}"
token_file = "credential:secret_http_token"
[alerts.mail]
to = ["you@example.org"]
server = "127.0.0.1:{self.mail.port}"
user = "{USER}"
password_file = "credential:secret_smtp"
"""

    def log_in(self) -> str:
        """Type the lines of the login, and click through the vendor's page in a browser elsewhere."""
        said = []
        with self.machine.begun(f"set -e\n{self.lines('log-in')}") as typed:
            assert typed.stdout is not None
            for line in typed.stdout:
                said.append(line)
                if line.startswith("http"):
                    walk(line.strip())
        assert typed.returncode == 0, "".join(said)
        return "".join(said)

    def fill(self) -> None:
        """Let the cron scripts have filled the bucket with some dates."""
        for date, bpm in OLD.items():
            noon = f"{date}T10:00:00+00:00"
            records = [
                _record("RestingHR", noon, bpm),
                _record("HeartRate_Intraday", f"{date}T06:00:00+00:00", bpm + 1),
            ]
            content = gzip.compress(json.dumps(records).encode())
            name = f"{self.prefix}/fitbit_backup_{date}.json.gz"
            self.bucket.other.put_object(Bucket=self.bucket.name, Key=name, Body=content)

    def objects(self) -> dict[str, bytes]:
        """Give every object that the archive has, by its date, as another client sees it."""
        told = self.bucket.other.list_objects_v2(Bucket=self.bucket.name, Prefix=f"{self.prefix}/fitbit_backup_")
        keys = [one["Key"] for one in told.get("Contents", ())]
        read = self.bucket.other.get_object
        return {key[-18:-8]: read(Bucket=self.bucket.name, Key=key)["Body"].read() for key in keys}


def _record(measurement: str, time: str, value: float) -> dict[str, object]:
    return {"measurement": measurement, "time": time, "tags": {"Device": "Charge"}, "fields": {"value": value}}


def monolith(path: Path) -> None:
    """Write the table that an older script left."""
    noons = [dt.datetime.fromisoformat(f"{date}T10:00:00") for date in OLDER]
    columns = {
        "measurement": ["RestingHR"] * len(OLDER),
        "time": pa.array(noons, pa.timestamp("us")),
        "tag_Device": ["Charge"] * len(OLDER),
        "field_value": list(OLDER.values()),
    }
    pq.write_table(pa.table(columns), path)


def token_file(far: Far) -> str:
    """Write the token file of the cron scripts: a login that they had made."""
    pair = far.issue()
    ends = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).timestamp()
    fields = {"access_token": pair.access_token, "refresh_token": pair.refresh_token, "scope": pair.scope}
    return json.dumps({**fields, "expires_at": ends})


def secrets_of(far: Far) -> dict[str, str]:
    """Give every secret of the household, by its file."""
    return {
        "google_client_secret": str(far.logins.client.secret),
        "s3_access_key": KEYS.access,
        "s3_secret_key": KEYS.secret,
        "smtp": PASSWORD,
        "http_token": HTTP_TOKEN,
    }
