"""Offline speech recognition behind one small interface. No audio leaves the machine.

`transcribe` takes recordings and belongs in the worker; `hear` takes short answers to a question. Both
always answer with a Transcript, and say in `doubtful` when a person must listen.
"""

from voice.recognition.choosing import hear, recogniser_for, transcribe
from voice.recognition.transcript import Doubt, ModelUnavailable, Recogniser, Transcript

__all__ = ["Doubt", "ModelUnavailable", "Recogniser", "Transcript", "hear", "recogniser_for", "transcribe"]
