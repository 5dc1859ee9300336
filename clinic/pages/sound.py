"""A spoken message, opened for the person who listens: in parts too, as players ask for it."""

from __future__ import annotations

import io

from flask import abort, send_file
from flask.typing import ResponseReturnValue

from care.sounds import sound_of
from clinic.finding import messages
from clinic.here import house, staff


def play(message_id: int) -> ResponseReturnValue:
    with house().database.reading() as connection:
        if not messages.has_sound(connection, staff().clinic_id, message_id):
            abort(404)
    try:
        sound = sound_of(house().settings.recordings_dir, message_id)
    except FileNotFoundError:
        abort(404)
    return send_file(io.BytesIO(sound), "audio/wav", download_name=f"message-{message_id}.wav")
