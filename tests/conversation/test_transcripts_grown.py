"""Every case once more, each in one of its languages, on an installation with PostgreSQL and Redis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from zlib import crc32

import pytest

from tests.conversation.test_transcripts import TRANSCRIPTS, Played, play
from tests.installation import grown
from tests.servers import Addresses

REDIS = 1


def one_language_each(names: Iterable[str]) -> list[str]:
    """Of each case and channel the transcript in one language, by turns: the servers don't know what is spoken."""
    cases: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        case, _, channel = name.rsplit(".", 2)
        cases[case, channel].append(name)
    return [sorted(same)[crc32(repr(case).encode()) % len(same)] for case, same in sorted(cases.items())]


@pytest.fixture(scope="session")
def played_grown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, addresses: Addresses
) -> Played:
    home = tmp_path_factory.mktemp("grown")
    return play(request.session, home, test_a_transcript_grown.__name__, lambda: grown(addresses, REDIS))


@pytest.mark.parametrize("name", one_language_each(TRANSCRIPTS))
def test_a_transcript_grown(played_grown: Played, name: str) -> None:
    if wrong := played_grown.outcomes[name]:
        raise wrong


def test_no_process_broke_down_meanwhile(played_grown: Played) -> None:
    assert {name: lines for name, lines in played_grown.printed.items() if "Traceback" in lines} == {}
