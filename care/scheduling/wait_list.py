"""The wait list: a time that becomes free is offered to those who wait, and the first yes has it.

What is freed is a row of the outbox (work of our own, channel *freed*) that stays until the time is taken or nobody
is left to ask: each time that it is due it looks what is true now, so it may be done twice, or by another process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, func, insert, select, update

from care import audit, outbox, reach, tasks
from care.occasion import Occasion
from care.rules import eligibility, gate, wait_list
from care.rules.reaching import ByAPerson, Person, way_to
from care.rules.wait_list import Freed, Wish
from care.scheduling import booking
from records import Database
from records.appointments import Appointment, SlotOffer, Waiting
from records.base import table_of
from records.clinics import Clinic
from records.outbox import OutboxRow
from records.patients import Patient
from records.scheduling import Clinician, Opening

QUEUE = "schedule"
BATCH = 20
TOPIC, CHANNELS = "reminders", ("text", "call")
FLOWS = {"text": "slot_offer_text", "call": "slot_offer_call"}
KINDS = ("audio", "video", "in_person")
OPEN = "open"

_waiting, _offers, _openings, _clinicians = map(table_of, (Waiting, SlotOffer, Opening, Clinician))
_patients, _appointments, _clinics = map(table_of, (Patient, Appointment, Clinic))

WISHES = (
    select(
        _waiting.c.id,
        _waiting.c.patient_id,
        _waiting.c.clinician_id,
        _waiting.c.visit_kind,
        _waiting.c.minutes,
        _waiting.c.until_on,
        _waiting.c.since,
        _waiting.c.reason,
        _waiting.c.appointment_id,
        _appointments.c.starts_at.label("visit_at"),
        _patients.c.language,
        _patients.c.interpreter,
        _patients.c.state.label("lives_in"),
    )
    .join(_patients, _patients.c.id == _waiting.c.patient_id)
    .join(_appointments, _appointments.c.id == _waiting.c.appointment_id, isouter=True)
    .where(
        _waiting.c.clinic_id == bindparam("clinic"),
        _waiting.c.state == "waiting",
        _patients.c.status == "active",
    )
)
