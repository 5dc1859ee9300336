"""What was recorded, and whether it is what was said."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import numpy

from .clinic_stub import Clinic
from .company import Company

Samples = numpy.ndarray[Any, numpy.dtype[Any]]


def samples_of(file: wave.Wave_read) -> Samples:
    return numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16)


def recording_of(company: Company, clinic: Clinic) -> tuple[Samples, int, list[dict[str, Any]]]:
    """Samples and rate of the recording that the webhooks name, once it is kept; and its call's trace."""
    told = clinic.wait_for("/recorded")
    assert clinic.wait_for("/kept")["RecordingSid"] == told["RecordingSid"]
    with wave.open(io.BytesIO(company.rest(f"Recordings/{told['RecordingSid']}.wav"))) as file:
        return samples_of(file), file.getframerate(), company.lab(f"calls/{told['CallSid']}")["trace"]


def end_of_speech(trace: list[dict[str, Any]]) -> float:
    """When a call's caller had said all: what is said begins when it comes, or when the last is over."""
    end = 0.0
    for said in trace:
        if said["what"] == "says":
            end = max(end, said["at"]) + said["seconds"]
    return end


def likeness(recorded: Samples, path: Path) -> float:
    """How much a recording's rise and fall of loudness is that of a 16 kHz file: 1 is the same."""
    with wave.open(str(path)) as file:
        spoken = samples_of(file)[::2]

    def loudness(samples: Samples) -> Samples:
        frames = samples[: len(samples) // 160 * 160].astype(float).reshape(-1, 160)
        level: Samples = numpy.sqrt((frames**2).mean(axis=1))
        from_mean: Samples = level - level.mean()
        return from_mean

    one, other = loudness(recorded), loudness(spoken)
    best = numpy.correlate(one, other, "full").max()
    return float(best / (numpy.linalg.norm(one) * numpy.linalg.norm(other)))
