"""What the scripts beside this one share: clients for each identity of the world, and the running of tests.

A script defines functions whose names begin with test_ and calls run(globals()). A test's name says the rule that it
checks. Standard input is the world, as JSON; standard output is one JSON object for each test.
"""

import json
import os
import sys
import traceback

for name in [n for n in os.environ if n.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

WORLD = json.load(sys.stdin)
URL = WORLD["url"]
PRODUCTION = WORLD["accounts"]["production"]
DEVELOPMENT = WORLD["accounts"]["development"]
SESSION = boto3.session.Session()  # one for all clients, since it reads the services' models


def client(service, keys, token=None, region="us-east-1", url=URL, **config):
    """A client of a service. keys is "ID:SECRET", or None for an unsigned one."""
    config.setdefault("retries", {"max_attempts": 1, "mode": "standard"})
    if keys is None:
        config["signature_version"], keys = UNSIGNED, "none:none"
    access, secret = keys.split(":", 1)
    return SESSION.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=access,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(**config),
    )


def refused(code, call, *args, status=None, says=None, **kwargs):
    """Calls call, which must be refused with the error code; returns the response of the error."""
    try:
        answer = call(*args, **kwargs)
    except ClientError as e:
        error, http = e.response["Error"], e.response["ResponseMetadata"]
        assert error["Code"] == code, f"refused with {error}; want {code}"
        assert status is None or http["HTTPStatusCode"] == status, f"status {http['HTTPStatusCode']}; want {status}"
        assert says is None or says in error["Message"], f"says {error['Message']!r}; want {says!r}"
        return e.response
    answer.pop("ResponseMetadata", None)
    raise AssertionError(f"was not refused with {code}: {answer}")


def run(tests, only=sys.argv[1:]):
    """Runs every test_ function in the order of the file, or those whose names contain one of only."""
    for name, test in list(tests.items()):
        if not name.startswith("test_") or only and not any(part in name for part in only):
            continue
        error = ""
        try:
            test()
        except Exception:
            error = traceback.format_exc()
        print(json.dumps({"Name": name.removeprefix("test_"), "Error": error}), flush=True)
