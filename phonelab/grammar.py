"""Which TwiML elements stand in which, and with which attributes: read off the twilio library itself.

Every method of a TwiML class that nests an element is called once with marked arguments; what the element
then carries tells its name, its attributes and whether it takes text. So a new library brings its new verbs.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from functools import cache

from twilio.twiml import TwiML
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse


@dataclass
class Element:
    """One element: its attributes, its children by name, and whether it takes text."""

    name: str
    attributes: frozenset[str] = frozenset()
    takes_text: bool = False
    children: dict[str, Element] = field(default_factory=dict)


@cache
def voice() -> Element:
    """`<Response>` in reply to a call."""
    return _read(VoiceResponse(), Element("Response"), {})


@cache
def messaging() -> Element:
    """`<Response>` in reply to a text."""
    return _read(MessagingResponse(), Element("Response"), {})


def _read(node: TwiML, element: Element, seen: dict[type, dict[str, Element]]) -> Element:
    if type(node) in seen:
        element.children = seen[type(node)]
        return element
    seen[type(node)] = element.children
    for name, method in vars(type(node)).items():
        if name.startswith("_") or not inspect.isfunction(method):
            continue
        accepted = [
            parameter.name
            for parameter in inspect.signature(method).parameters.values()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.name != "self"
        ]
        child = getattr(node, name)(**dict.fromkeys(accepted, "x"))
        found = Element(child.name, frozenset(child.attrs), bool(child.value))
        element.children[child.name] = _read(child, found, seen)
    return element
