"""What may stand in the XML that a carrier reads."""

from __future__ import annotations

import re

# https://www.w3.org/TR/xml/#charsets: not to be written even escaped; the whole document would be refused.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """The text without characters that XML can't hold; escaping is the writer's."""
    return _NOT_XML.sub("", text)
