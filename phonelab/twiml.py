"""TwiML read strictly: a verb, attribute, value or nesting that Twilio would refuse is an error naming it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from difflib import get_close_matches
from xml.etree.ElementTree import Element as Node

from .grammar import Element, messaging, voice
from .values import check_value, required

# Error codes as in Twilio's dictionary: document parse failure, schema validation, content type.
PARSE_FAILURE, SCHEMA, CONTENT_TYPE = 12100, 12200, 12300
XML_TYPES = ("text/xml", "application/xml", "text/html")
VOICE_VERBS = frozenset(
    ("Say", "Play", "Gather", "Record", "Pause", "Redirect", "Hangup", "Reject", "Dial", "Connect")
)
NOT_HERE = {"Dial": {"Number"}, "Connect": {"Stream"}}  # of the nouns that Twilio knows, those phonelab has
# Attributes that Twilio knows and phonelab does not carry out: refused, rather than passed over in silence.
NOT_CARRIED_OUT = {
    "Number": {"byoc", "amdStatusCallback", "amdStatusCallbackMethod", "machineDetection"},
    "Dial": {"answerOnBridge", "events", "passports", "referUrl", "recordingConfigurationId"},
    "Record": {"transcribeCallback", "recordingConfigurationId"},
    "Gather": {"partialResultCallback"},
    "Stream": {"connectorName", "audioFormat", "sampleRate"},
}
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class TwimlError(Exception):
    """TwiML that Twilio would refuse. `code` is Twilio's."""

    def __init__(self, message: str, code: int = SCHEMA) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


def parse_voice(body: str, content_type: str = "text/xml") -> Node:
    """A checked `<Response>` for a call. Raises TwimlError."""
    root = _parse(body, content_type)
    _check(root, voice(), "Response")
    for verb in root:
        if verb.tag not in VOICE_VERBS:
            raise TwimlError(f"<{verb.tag}> is TwiML, but phonelab does not have it")
        for noun in verb if verb.tag in NOT_HERE else ():
            if noun.tag not in NOT_HERE[verb.tag]:
                raise TwimlError(f"<{noun.tag}> in <{verb.tag}> is TwiML, but phonelab does not have it")
    return root


def parse_message(body: str, content_type: str = "text/xml") -> Node:
    """A checked `<Response>` to a text. A bare text/plain reply is one `<Message>`. Raises TwimlError."""
    if not body.strip():
        return Node("Response")
    if _kind(content_type) == "text/plain":
        root = Node("Response")
        ElementTree.SubElement(root, "Message").text = body
        return root
    root = _parse(body, content_type)
    _check(root, messaging(), "Response")
    for verb in root:
        if verb.tag == "Message" and not (message_body(verb) or verb.findall("Media")):
            raise TwimlError("<Message> has neither a body nor media")
    return root


def message_body(verb: Node) -> str:
    """The text of a `<Message>`: its own, or that of its `<Body>`."""
    body = verb.find("Body")
    return ("".join(body.itertext()) if body is not None else verb.text or "").strip()


def _kind(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _parse(body: str, content_type: str) -> Node:
    if _kind(content_type) not in XML_TYPES:
        raise TwimlError(f"content type {content_type or '(none)'!r}: TwiML is text/xml", CONTENT_TYPE)
    if re.search(r"<!(DOCTYPE|ENTITY)", body):
        raise TwimlError("a document type or entity declaration is not taken", PARSE_FAILURE)
    try:
        root = ElementTree.fromstring(body.strip().encode())  # noqa: S314 (no entities, see above)
    except ElementTree.ParseError as error:
        raise TwimlError(f"the document is not well-formed XML: {error}", PARSE_FAILURE) from error
    if root.tag != "Response":
        raise TwimlError(f"the document begins with <{root.tag}>, not <Response>", PARSE_FAILURE)
    if root.attrib:
        raise TwimlError(f"<Response> takes no attribute {next(iter(root.attrib))!r}")
    return root


def _check(node: Node, known: Element, path: str) -> None:
    _check_text(node, known, path)
    for child in node:
        if child.tag not in known.children:
            raise TwimlError(_no_such_child(child.tag, known, path))
        _check_attributes(child, known.children[child.tag])
        _check(child, known.children[child.tag], child.tag)


def _check_text(node: Node, known: Element, path: str) -> None:
    text = (node.text or "") + "".join(child.tail or "" for child in node)
    if text.strip() and not known.takes_text:
        raise TwimlError(f"<{path}> takes no text, but holds {text.strip()[:40]!r}")


def _no_such_child(tag: str, known: Element, path: str) -> str:
    if not known.children:
        return f"<{path}> takes nothing inside, but holds <{tag}>"
    near = get_close_matches(tag.capitalize(), known.children, 1)
    if near and near[0].lower() == tag.lower():
        return f"<{tag}> in <{path}>: names are case-sensitive, <{near[0]}> is meant"
    hint = f"; did you mean <{near[0]}>?" if near else ""
    return f"<{tag}> can't stand in <{path}>{hint}"


def _check_attributes(node: Node, known: Element) -> None:
    for name, value in node.attrib.items():
        name = "xml:lang" if name == XML_LANG else name
        if name not in known.attributes:
            near = get_close_matches(name, known.attributes, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise TwimlError(f"<{node.tag}> has no attribute {name!r}{hint}")
        if name in NOT_CARRIED_OUT.get(node.tag, ()):
            raise TwimlError(f"<{node.tag} {name}> is TwiML, but phonelab does not have it")
        if problem := check_value(node.tag, name, value):
            raise TwimlError(f"<{node.tag} {name}={value!r}>: {problem}")
    if problem := required(node):
        raise TwimlError(problem)
