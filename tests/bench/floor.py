"""The floor that turns are held against: a Flask view that reads the form and commits one row durably.

It writes as this project writes (SQLAlchemy Core, a statement made once, the same settings of the
database) and does nothing else: no signature, no reading, no talk.
"""

from __future__ import annotations

import os

from flask import Flask, Response, request
from sqlalchemy import Column, Integer, MetaData, String, Table

from records.database import Database

metadata = MetaData()
rows = Table(
    "rows", metadata, Column("id", Integer, primary_key=True), Column("call", String), Column("keys", String)
)
INSERT = rows.insert()


def create_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    database = Database(os.environ["FLOOR_DATABASE"])
    metadata.create_all(database.engine, checkfirst=True)

    @app.post("/floor")
    def floor() -> Response:
        row = {"call": request.form["CallSid"], "keys": request.form.get("Digits", "")}
        with database.writing() as connection:
            connection.execute(INSERT, row)
        return Response("<Response/>", content_type="text/xml")

    return app
