"""What a running Careline leaves outside its database, for whoever looks: printed, written, asked for, served.

Left out, because it is meant to hold what it holds:
- `careline.sqlite3` and `recordings/`: sealed, and looked through by tests/records/test_nothing_in_plain.py;
- `keys/`: a demo's keys, which lie beside the data by design, and only in demo mode;
- the bodies of what the carrier and we ask of each other, and the carrier's own addresses and log: a text can't
  be sent without its number and its words. What we make for the carrier to keep, our own addresses, is looked at;
- the pages of the console for staff who are signed in: looked at for their addresses alone, and of these not
  `tel:`, which the browser hands to the telephone;
- a form of theirs that is given back to be mended (422), which is such a page;
- backups: sealed, and looked through by tests/records/test_backup.py;
- what staff type on a command line, and a first password, printed once for whoever adds a person;
- the environment of a process, in which secrets may be handed over: only its own account can read it.
"""

from __future__ import annotations

import os
import re
import threading
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import requests
from sqlalchemy import select

from records.audit import AuditEntry
from tests.installation import Installation

OURS = ("web", "alerts", "sending", "speech")
SEALED = ("careline.sqlite3", "recordings", "keys", "models")
A_FORM_AGAIN = 422
ADDRESS_ATTRIBUTES = ("action", "url", "statusCallback", "recordingStatusCallback")
ADDRESS_TEXTS = ("Play", "Redirect")


class Traces:
    """Texts by where they were found. What passes by (queued messages, command lines) is watched meanwhile."""

    def __init__(self, careline: Installation) -> None:
        self.careline = careline
        self.found: dict[str, list[str]] = defaultdict(list)
        self._passing: dict[str, set[str]] = defaultdict(set)
        self._enough = threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> Traces:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._watcher.join()

    def _watch(self) -> None:
        """Messages lie in the broker's folder for moments only."""
        while not self._enough.wait(0.005):
            for path in self.careline.settings.home.glob("broker/**/*"):
                with suppress(OSError):
                    self._passing["the broker"].add(path.read_text(errors="replace"))
            self.look_at_command_lines()

    def look_at_command_lines(self) -> None:
        ours = {process.pid for name, process in self.careline.running.items() if name in OURS}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ProcessLookupError):
                if os.getpgid(int(folder.name)) in ours:
                    self._passing["a command line"].add((folder / "cmdline").read_text().replace("\0", " "))

    def collect(self) -> dict[str, list[str]]:
        """All there is to look at now."""
        places = {
            **self.found,
            **{where: sorted(texts.copy()) for where, texts in self._passing.copy().items()},
        }
        home = self.careline.settings.home
        for path in home.rglob("*"):
            inside = path.relative_to(home)
            places.setdefault("the name of a file", []).append(str(inside))
            if path.is_file() and not inside.parts[0].startswith(SEALED) and inside.name != "phonelab.log":
                places[f"the file {inside}"] = [path.read_text(errors="replace")]
        prompts = home / "prompts"
        places["the name of a file"] += [
            f"prompts/{path.relative_to(prompts)}" for path in prompts.rglob("*")
        ]
        with self.careline.database.reading() as connection:
            places["the audit"] = [
                str(tuple(row)) for row in connection.execute(select(AuditEntry.__table__))
            ]
        for page in ("/metrics", "/healthz", "/readyz"):
            places[page] = [requests.get(f"{self.careline.settings.public_url}{page}", timeout=10).text]
        places["an address of ours at the carrier"] = sorted(set(self._addresses()))
        return places

    def _addresses(self) -> list[str]:
        """Those that the carrier was given, and those that it asked."""
        lab = f"{self.careline.phonelab_url}/lab"
        messages = requests.get(f"{lab}/messages", timeout=10).json()["messages"]
        calls = requests.get(f"{lab}/calls", timeout=10).json()["calls"]
        traced = [requests.get(f"{lab}/calls/{call['sid']}", timeout=10).json() for call in calls]
        entries = [entry for thing in [*messages, *traced] for entry in thing["trace"]]
        asked = [str(entry["url"]) for entry in entries if entry.get("what") == "webhook"]
        documents = [str(entry["reply"]) for entry in entries if entry.get("reply")]
        return asked + [address for document in documents for address in _in_document(document)]


def _in_document(document: str) -> list[str]:
    try:
        root = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        return []
    given = [one.get(name, "") for one in root.iter() for name in ADDRESS_ATTRIBUTES]
    return given + [one.text or "" for one in root.iter() if one.tag in ADDRESS_TEXTS]


def addresses_in(page: str) -> list[str]:
    """Where a page of the console leads."""
    return [
        address
        for address in re.findall(r'(?:href|src|action)="([^"]*)"', page)
        if not address.startswith("tel:")
    ]


class Browser:
    """A member of staff: what she is shown is hers to see, where it leads is noted."""

    def __init__(self, traces: Traces) -> None:
        self._traces, self._session = traces, requests.Session()
        self.status = 0
        self._home = f"{traces.careline.settings.public_url}/clinic"

    def get(self, path: str) -> str:
        return self._note(self._session.get(f"{self._home}{path}", timeout=10))

    def post(self, path: str, page: str, **form: str) -> str:
        token = re.search(r'name="csrf" value="([^"]*)"', page)
        given = {**form, "csrf": token[1] if token else ""}
        return self._note(self._session.post(f"{self._home}{path}", data=given, timeout=10))

    def _note(self, answer: Any) -> str:
        self.status = answer.status_code
        for one in [*answer.history, answer]:
            self._traces.found["an address of the console"] += [one.url, one.headers.get("Location", "")]
            if one.status_code >= 400 and one.status_code != A_FORM_AGAIN:
                self._traces.found["an error page"].append(one.text)
        self._traces.found["an address of the console"] += addresses_in(answer.text)
        return str(answer.text)
