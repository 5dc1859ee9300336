"""The floor that turns are held against: a Flask view that reads the form and commits one row durably."""

from __future__ import annotations

import os
import sqlite3
import threading

from flask import Flask, Response, request

_local = threading.local()


def create_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    path = os.environ["FLOOR_DATABASE"]

    def connection() -> sqlite3.Connection:
        if not hasattr(_local, "connection"):
            made = sqlite3.connect(path, timeout=10, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                made.execute(f"PRAGMA {pragma}")
            made.execute("CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, call TEXT, keys TEXT)")
            _local.connection = made
        return _local.connection

    @app.post("/floor")
    def floor() -> Response:
        database = connection()
        database.execute("BEGIN IMMEDIATE")
        row = (request.form["CallSid"], request.form.get("Digits", ""))
        database.execute("INSERT INTO rows (call, keys) VALUES (?, ?)", row)
        database.execute("COMMIT")
        return Response("<Response/>", content_type="text/xml")

    return app
