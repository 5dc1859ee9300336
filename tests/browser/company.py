"""The telephone company as a process of its own, as `make run` starts it, and its REST API."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from phonelab.settings import DEMO_ACCOUNT, DEMO_TOKEN

from .clinic_stub import Clinic

CLINIC_NUMBER = "+16175550100"
ROOT = Path(__file__).resolve().parents[2]


class Company:
    """A phonelab process, and its REST API."""

    def __init__(self, clinic: Clinic, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        numbers = f"{CLINIC_NUMBER}={clinic.url}/voice,{clinic.url}/sms"
        self._environment = {**os.environ, "PHONELAB_PORT": str(port), "PHONELAB_NUMBERS": numbers}
        for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
            self._environment.pop(name, None)
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "phonelab"], cwd=ROOT, env=self._environment, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        assert b"a handset is at" in self._process.stdout.readline()

    def stop(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=20)

    def rest(self, path: str, **fields: str) -> Any:
        """What the REST API answers: JSON read, anything else as bytes. Fields make it a POST."""
        request = urllib.request.Request(
            f"{self.url}/2010-04-01/Accounts/{DEMO_ACCOUNT}/{path}",
            data=urllib.parse.urlencode(fields).encode() if fields else None,
            headers={
                "Authorization": "Basic " + base64.b64encode(f"{DEMO_ACCOUNT}:{DEMO_TOKEN}".encode()).decode()
            },
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            body = reply.read()
            return json.loads(body) if "json" in reply.headers["Content-Type"] else body

    def lab(self, path: str) -> Any:
        """What only a telephone company on a desk tells."""
        with urllib.request.urlopen(f"{self.url}/lab/{path}", timeout=20) as reply:
            return json.load(reply)
