"""What one patient agreed to and wants no more of, topic by topic, as she told somebody at the clinic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from care import consent as words_of_consent
from care import reach
from care.rules import consent
from clinic import choices
from clinic.filling import Filled, filled_with
from clinic.here import house, of_this_clinic, staff, to_be_changed

CHANNELS: Mapping[str, str] = {
    "any": "By text and by call",
    "text": "By text alone",
    "call": "By call alone",
}


def standing(connection: Connection, patient_id: int) -> Mapping[str, Mapping[str, str]]:
    """By topic and channel, how her own word stands now: `given`, or why nothing may be sent."""
    her = reach.people(connection, [patient_id], house().now()).get(patient_id)
    own = her.words if her else ()
    return {
        topic: {channel: consent.why_not(topic, channel, own) or "given" for channel in consent.CHANNELS}
        for topic in consent.topics()
    }


def show(patient_id: int, topic: str) -> ResponseReturnValue:
    _known(topic)
    with house().database.reading() as connection:
        patient = to_be_changed(connection, patient_id)
        stands = standing(connection, patient_id)
    first = {"language": _language(topic, patient.language), "channel": "any"}
    return _page(patient, topic, stands, filled_with(first))


def agree(patient_id: int, topic: str) -> ResponseReturnValue:
    if topic == consent.EVERYTHING:
        abort(404)
    _known(topic)
    filled = Filled(request.form)
    channel = filled.one_of("channel", CHANNELS, "Say how we may reach the patient about it.")
    language = filled.one_of("language", _texts(topic), "Mark the text that the patient agreed to.")
    with house().database.writing() as connection:
        patient = to_be_changed(connection, patient_id)
        stands = standing(connection, patient_id)
        if not filled.wrong:
            words_of_consent.give_by_staff(
                house().database,
                connection,
                clinic_id=staff().clinic_id,
                patient_id=patient_id,
                topic=topic,
                channel=channel,
                by=staff().login,
                now=house().now(),
                text_version=consent.text_for(topic),
                language=language,
            )
    if filled.wrong:
        return _page(patient, topic, stands, filled), 422
    flash("The consent is written down.")
    return redirect(url_for("console.patient", patient_id=patient_id), 303)


def stop(patient_id: int, topic: str) -> ResponseReturnValue:
    _known(topic)
    channel = request.form.get("channel", "")
    if channel not in CHANNELS:
        abort(400)
    with house().database.writing() as connection:
        of_this_clinic(connection, patient_id)
        words_of_consent.withdraw_by_staff(
            house().database,
            connection,
            clinic_id=staff().clinic_id,
            patient_id=patient_id,
            topic=topic,
            channel=channel,
            by=staff().login,
            now=house().now(),
        )
    flash("Written down. It holds at once, and for what was waiting to go out.")
    return redirect(url_for("console.patient", patient_id=patient_id), 303)


def _known(topic: str) -> None:
    if topic not in (consent.EVERYTHING, *consent.topics()):
        abort(404)


def _texts(topic: str) -> Mapping[str, str]:
    """The text of today for a topic, by language."""
    texts: Mapping[str, str] = consent.texts()[consent.text_for(topic)]["texts"]
    return texts


def _language(topic: str, hers: str) -> str:
    """The language whose text is marked at first: her own, where there is one."""
    return hers if topic != consent.EVERYTHING and hers in _texts(topic) else ""


def _page(patient: Any, topic: str, stands: Mapping[str, Mapping[str, str]], filled: Filled) -> str:
    everything = topic == consent.EVERYTHING
    return render_template(
        "console/consent.html",
        patient=patient,
        topic=topic,
        everything=everything,
        name="everything" if everything else choices.topics()[topic],
        stands={} if everything else stands[topic],
        texts={} if everything else _texts(topic),
        channels=CHANNELS,
        filled=filled,
    )
